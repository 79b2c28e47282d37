import type { RuntimeId, SandboxId } from '../../shared/ids.ts';
import type { NewIncarnation, SessionOwnership } from '../session-store.ts';
import type { Session } from '../session.ts';

/** A sandbox that belongs to no session and never did. Whatever is not written as one may have been somebody's. */
export interface PooledSandbox {
  readonly sandboxId: SandboxId;
  readonly runtimeId: RuntimeId;
  readonly version: number;
  /** Of what it was made by; equal ones are made alike. */
  readonly blueprint: string;
  /** Undefined until its agent was healthy for the first time. */
  readonly readyAtMs: number | undefined;
}

/** Pooled sandboxes that outlive the process. A promise that resolves is on disk. */
export interface PoolStore {
  /** Before the sandbox is started. */
  add(sandbox: PooledSandbox, holder: string): Promise<void>;
  markReady(id: SandboxId, readyAtMs: number): Promise<void>;
  /** From then on no session can have it. Idempotent. */
  remove(id: SandboxId): Promise<void>;
  listOwned(holder: string): Promise<readonly PooledSandbox[]>;
  /**
   * Makes the pooled sandbox `start.sandboxId` the session's, in one write: the pool has it no more and the session is `ready`,
   * or nothing has happened. `undefined` as `SessionStore.claim` says it, and when the pool does not have it.
   */
  claim(start: NewIncarnation, ownership: SessionOwnership, nowMs: number): Promise<Session | undefined>;
}
