import type { RuntimeId, SandboxId, Scope, SessionId } from '../shared/ids.ts';

/**
 * `hibernating`, `hibernated` and `waking` are those of a session whose sandbox's memory goes to disk, is there, and comes back;
 * each is written before its step is taken.
 */
export const sessionStates = [
  'starting',
  'ready',
  'hibernating',
  'hibernated',
  'waking',
  'stopping',
  'ended',
] as const;

export type SessionState = (typeof sessionStates)[number];

/** Those in which its memory may be on disk, and nowhere else. */
export const asleepStates: ReadonlySet<SessionState> = new Set(['hibernating', 'hibernated', 'waking']);

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
  | 'failed-to-wake'
  | 'hibernation-over'
  | 'runtime-deleted'
  | 'reboot'
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
  /** While its memory is on disk. */
  readonly hibernation?: { readonly sinceMs: number; readonly untilMs: number } | undefined;
  /** Time that it was hibernated before; it does not count towards its life. 0 when not set. */
  readonly asleepMs?: number | undefined;
}
