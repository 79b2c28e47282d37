import type { RuntimeId, SandboxId, Scope, SessionId } from '../shared/ids.ts';
import type { Session, SessionState } from './session.ts';

/** One start of a session id. */
export interface NewIncarnation {
  readonly scope: Scope;
  readonly runtimeId: RuntimeId;
  readonly id: SessionId;
  readonly endpoint: string;
  readonly version: number;
  readonly sandboxId: SandboxId;
  readonly startedAtMs: number;
  /** It begins in the state `ready`. */
  readonly readyAtMs?: number;
}

/** Which server owns a session, and until when. */
export interface SessionOwnership {
  readonly holder: string;
  readonly expiresAtMs: number;
}

export interface ActivityRecord {
  readonly runtimeId: RuntimeId;
  readonly id: SessionId;
  readonly incarnation: number;
  readonly atMs: number;
}

/** Where a session stands in the list. */
export type SessionPosition = readonly [startedAtMs: number, runtimeId: RuntimeId, id: SessionId];

export interface SessionFilter {
  readonly runtimeId?: RuntimeId | undefined;
  readonly state?: SessionState | undefined;
  /** Only those that have not ended. */
  readonly liveOnly?: boolean | undefined;
  /** Strictly after this one. */
  readonly after?: SessionPosition | undefined;
  readonly limit: number;
}

/** Sessions that outlive the process. A promise that resolves is on disk, except for activity. */
export interface SessionStore {
  /**
   * Begins a new incarnation, in the state `starting` (or `ready`), unless the id has a live one that another server owns, or one whose memory may
   * be on disk, this server's included: nothing would be left of that. Then `undefined`.
   * `incarnation` counts on from the id's last one.
   */
  claim(start: NewIncarnation, ownership: SessionOwnership, nowMs: number): Promise<Session | undefined>;
  /** Writes the state of this incarnation; nothing happens when a later one exists. */
  update(session: Session): Promise<void>;
  /** Moves `lastActivityAtMs` forward. */
  recordActivity(records: readonly ActivityRecord[]): Promise<void>;
  renewOwnership(ownership: SessionOwnership): Promise<void>;
  find(runtimeId: RuntimeId, id: SessionId): Promise<Session | undefined>;
  /** Sessions that have not ended and that `holder` owns or whose owner has let its lease run out. */
  listOwned(holder: string, nowMs: number): Promise<readonly Session[]>;
  /** Newest start first; equal ones by runtime and session id, rising. */
  list(scope: Scope, filter: SessionFilter): Promise<readonly Session[]>;
  /** Forgets sessions that ended before `endedBeforeMs`, and whose they were where nothing is left of them. */
  forgetEnded(endedBeforeMs: number): Promise<void>;
}
