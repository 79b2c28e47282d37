import type { SandboxAddress } from '../sandboxes/sandbox-driver.ts';
import type { RuntimeVersion } from '../runtimes/runtime.ts';
import type { SessionRequest } from '../sessions/session-request.ts';
import type { Session } from '../sessions/session.ts';
import { BerthError, type ErrorCode, messageOf } from '../shared/errors.ts';
import type { RuntimeId, SandboxId } from '../shared/ids.ts';

/** Servers that do not speak the same one do not serve at the same time: the old one ends first. */
export const handoverProtocol = 2;

export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What is left of a lease on the other side of a channel. */
export interface SentLease {
  readonly session: Session;
  readonly version: RuntimeVersion;
  readonly sandboxId: SandboxId;
  readonly address: SandboxAddress;
  readonly hasStartedSandbox: boolean;
}

/** Of the new server: it could start if the old one let it; or not, and why; it serves. */
type OfSuccessor =
  | { readonly type: 'prepared'; readonly protocol: number; readonly migrates: boolean }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'serving' }
  | { readonly type: 'acquired'; readonly call: number; readonly lease: SentLease }
  | { readonly type: 'stopped'; readonly call: number }
  | { readonly type: 'refused'; readonly call: number; readonly error: SentError }
  | { readonly type: 'gone'; readonly sandboxId: SandboxId; readonly error: SentError };

/** Of the old server: everything is at rest; it decides no more, so the new one may; calls that it still relays, or wants to. */
type OfPredecessor =
  | { readonly type: 'yours' }
  | { readonly type: 'given' }
  | { readonly type: 'lease'; readonly sandboxId: SandboxId; readonly change: 1 | -1 }
  | { readonly type: 'acquire'; readonly call: number; readonly request: Omit<SessionRequest, 'signal'> }
  | {
      readonly type: 'stop';
      readonly call: number;
      readonly request: Pick<SessionRequest, 'scope' | 'runtimeId' | 'sessionId'>;
    }
  | { readonly type: 'abort' | 'activity' | 'release'; readonly call: number };

/** Of both: a runtime has changed in the database. */
type OfBoth = { readonly type: 'changed'; readonly runtimeId: RuntimeId };

export type HandoverMessage = OfSuccessor | OfPredecessor | OfBoth;
export type MessageType = HandoverMessage['type'];
export type MessageOf<Type extends MessageType> = Extract<HandoverMessage, { readonly type: Type }>;

/** Undefined for what another version of Berth may say besides. The channel leads to no one but a Berth that this one started, or that started this one. */
export function parseMessage(value: unknown): HandoverMessage | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  return typeof value.type === 'string' ? (value as HandoverMessage) : undefined;
}

export function sentError(error: unknown): SentError {
  return { code: error instanceof BerthError ? error.code : 'internal', message: messageOf(error) };
}

export function receivedError({ code, message }: SentError): BerthError {
  return new BerthError(code, message);
}
