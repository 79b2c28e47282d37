import type { RuntimeId } from '../shared/ids.ts';

/** What runtimes tell the logs and counters. */
export interface RuntimeEvents {
  versionReady(version: {
    runtimeId: RuntimeId;
    version: number;
    manifest: string;
    durationMs: number;
  }): void;
  versionFailed(version: { runtimeId: RuntimeId; version: number; reason: string }): void;
  runtimeDeleted(runtime: { runtimeId: RuntimeId }): void;
  /** Deleting goes on failing; it is DELETE_FAILED now and can be asked for again. */
  deleteFailed(runtime: { runtimeId: RuntimeId; error: unknown }): void;
}
