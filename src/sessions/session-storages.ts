import type { RuntimeVersion } from '../runtimes/runtime.ts';
import type { MountedStorage, StorageVolumes } from '../sandboxes/storage-volumes.ts';
import type { Clock } from '../shared/clock.ts';
import type { RuntimeId, Scope, SessionId } from '../shared/ids.ts';
import type { SessionKeyParts, SessionStorage, SessionStorageStore } from './session-storage-store.ts';

export interface SessionStoragesParts {
  readonly store: SessionStorageStore;
  readonly volumes: Pick<StorageVolumes, 'create' | 'remove' | 'sweep'>;
  readonly clock: Clock;
  /** Of storage that is made from now on. */
  readonly sizeBytes: number;
  /** Kept for so long after its last use. */
  readonly keepMs: number;
}

/**
 * Storage of sessions, which outlives their sandboxes and comes back to the same runtime and session id. As AWS documents, it
 * begins empty on another version of the runtime and after 14 days without use, and goes with its runtime. The row is written
 * after the volume and removed before it: a volume without a row is nobody's, and a sweep removes it.
 */
export class SessionStorages {
  readonly #parts: SessionStoragesParts;

  constructor(parts: SessionStoragesParts) {
    this.#parts = parts;
  }

  /** What a start of this session mounts; undefined when its version has no storage. To be called by the one who starts it. */
  async claim(
    scope: Scope,
    version: RuntimeVersion,
    sessionId: SessionId,
  ): Promise<MountedStorage | undefined> {
    const { store, volumes, clock, sizeBytes, keepMs } = this.#parts;
    const { runtimeId, sessionStoragePath } = version;
    if (sessionStoragePath === undefined) return undefined;
    const mountPath = sessionStoragePath.replace(/\/$/, '');
    const nowMs = clock.now();
    const known = await store.find(runtimeId, sessionId);
    if (known?.version === version.version && known.lastUsedAtMs + keepMs > nowMs) {
      await store.touch([{ runtimeId, sessionId }], nowMs);
      return { volume: known.volume, mountPath };
    }
    const volume = await volumes.create(sizeBytes);
    await store.put({
      accountId: scope.accountId,
      region: scope.region,
      runtimeId,
      sessionId,
      version: version.version,
      volume,
      sizeBytes,
      createdAtMs: nowMs,
      lastUsedAtMs: nowMs,
    });
    // What cannot be removed now belongs to nobody any more.
    if (known !== undefined) await volumes.remove(known.volume).catch(() => undefined);
    return { volume, mountPath };
  }

  /** Of a runtime, or of one of its versions, whose sessions have ended. */
  async removeAll(runtimeId: RuntimeId, version?: number): Promise<void> {
    await this.#remove(await this.#parts.store.ofRuntime(runtimeId, version));
  }

  /** To be called every few minutes with the sessions that are live: keeps theirs, removes what nobody used for too long. */
  async upkeep(live: readonly SessionKeyParts[]): Promise<void> {
    const { store, volumes, clock, keepMs } = this.#parts;
    await store.touch(live, clock.now());
    await this.#remove(await store.unusedSince(clock.now() - keepMs));
    await volumes.sweep(new Set(await store.volumes()));
  }

  async #remove(storages: readonly SessionStorage[]): Promise<void> {
    const { store, volumes } = this.#parts;
    for (const { volume } of storages) {
      await store.remove(volume);
      await volumes.remove(volume);
    }
  }
}
