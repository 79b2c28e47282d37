import type { SandboxId } from '../shared/ids.ts';

/** Memory of sandboxes on disk, sealed. */
export interface CheckpointVault {
  /**
   * Takes every file of a folder; the checkpoint is complete and on disk when this resolves. Returns its size in bytes. Rejects with
   * `unavailable` when it would take what the disk keeps in reserve.
   */
  seal(id: SandboxId, folder: string): Promise<number>;
  /** Writes them into an empty folder. Rejects with `internal` when they are not all there and as they were. */
  open(id: SandboxId, folder: string): Promise<void>;
  /** How large a complete one is, in bytes; undefined when it is known that there is none. */
  sizeOf(id: SandboxId): Promise<number | undefined>;
  /** Idempotent. */
  remove(id: SandboxId): Promise<void>;
  /** Removes those that nobody needs, complete or not; `isNeeded` is asked just before. Returns how many. */
  sweep(isNeeded: (id: SandboxId) => boolean): Promise<number>;
}
