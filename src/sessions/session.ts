import type { RuntimeId, SandboxId, Scope, SessionId } from '../shared/ids.ts';

export type SessionState = 'starting' | 'ready' | 'stopping' | 'ended';

/** Why a session's sandbox is gone, in the words of `berth sessions`. */
export type SessionEndReason =
  | 'stopped'
  | 'idle'
  | 'max-lifetime'
  | 'crashed'
  | 'out-of-memory'
  | 'unhealthy'
  | 'disk-pressure'
  | 'failed-to-start'
  | 'runtime-deleted'
  | 'lost';

/** One caller's conversation, keyed by runtime and session id; the row outlives its sandbox. */
export interface Session extends Scope {
  readonly runtimeId: RuntimeId;
  readonly id: SessionId;
  /** Counts the starts of this id, from 1. */
  readonly incarnation: number;
  readonly endpoint: string;
  readonly version: number;
  readonly state: SessionState;
  readonly sandboxId: SandboxId | undefined;
  readonly startedAtMs: number;
  readonly readyAtMs: number | undefined;
  readonly lastActivityAtMs: number;
  readonly endedAtMs: number | undefined;
  readonly endReason: SessionEndReason | undefined;
}
