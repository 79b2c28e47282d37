import type { RuntimeId, Scope, SessionId, VolumeId } from '../shared/ids.ts';

/** Files of one session that outlive its sandboxes. */
export interface SessionStorage extends Scope {
  readonly runtimeId: RuntimeId;
  readonly sessionId: SessionId;
  /** Of the runtime; a session that starts on another one begins with empty storage. */
  readonly version: number;
  readonly volume: VolumeId;
  readonly sizeBytes: number;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
}

export type SessionKeyParts = Pick<SessionStorage, 'runtimeId' | 'sessionId'>;

/** Where a storage stands in the list. */
export type StoragePosition = readonly [runtimeId: RuntimeId, sessionId: SessionId];

/** Which volume belongs to which session. What a promise that resolves has written is on disk. */
export interface SessionStorageStore {
  find(runtimeId: RuntimeId, sessionId: SessionId): Promise<SessionStorage | undefined>;
  /** In place of the session's former one. */
  put(storage: SessionStorage): Promise<void>;
  /** Says that these were in use at `atMs`; those without storage are passed over. */
  touch(sessions: readonly SessionKeyParts[], atMs: number): Promise<void>;
  /** Of one runtime, or of one of its versions. */
  ofRuntime(runtimeId: RuntimeId, version?: number): Promise<readonly SessionStorage[]>;
  unusedSince(beforeMs: number): Promise<readonly SessionStorage[]>;
  /** Nothing happens when the session has another volume by now. */
  remove(volume: VolumeId): Promise<void>;
  volumes(): Promise<readonly VolumeId[]>;
  /** By runtime and session id, rising. */
  list(
    scope: Scope,
    filter: {
      readonly runtimeId?: RuntimeId | undefined;
      readonly after?: StoragePosition | undefined;
      readonly limit: number;
    },
  ): Promise<readonly SessionStorage[]>;
}
