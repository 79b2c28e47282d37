import type { RuntimeId, SessionId, VolumeId } from '../../shared/ids.ts';
import type { SessionKeyParts, SessionStorage, SessionStorageStore } from '../session-storage-store.ts';

export class MemorySessionStorageStore implements SessionStorageStore {
  readonly #bySession = new Map<string, SessionStorage>();

  async find(runtimeId: RuntimeId, sessionId: SessionId): Promise<SessionStorage | undefined> {
    return this.#bySession.get(`${runtimeId} ${sessionId}`);
  }

  async put(storage: SessionStorage): Promise<void> {
    this.#bySession.set(`${storage.runtimeId} ${storage.sessionId}`, storage);
  }

  async touch(sessions: readonly SessionKeyParts[], atMs: number): Promise<void> {
    for (const { runtimeId, sessionId } of sessions) {
      const known = await this.find(runtimeId, sessionId);
      if (known !== undefined) await this.put({ ...known, lastUsedAtMs: atMs });
    }
  }

  async ofRuntime(runtimeId: RuntimeId, version?: number): Promise<readonly SessionStorage[]> {
    return this.#all().filter(
      (storage) => storage.runtimeId === runtimeId && (version === undefined || storage.version === version),
    );
  }

  async unusedSince(beforeMs: number): Promise<readonly SessionStorage[]> {
    return this.#all().filter(({ lastUsedAtMs }) => lastUsedAtMs < beforeMs);
  }

  async remove(volume: VolumeId): Promise<void> {
    for (const [key, storage] of this.#bySession) if (storage.volume === volume) this.#bySession.delete(key);
  }

  async volumes(): Promise<readonly VolumeId[]> {
    return this.#all().map(({ volume }) => volume);
  }

  async list(
    ...[scope, filter]: Parameters<SessionStorageStore['list']>
  ): Promise<readonly SessionStorage[]> {
    const { runtimeId, after, limit } = filter;
    const keyOf = (storage: SessionStorage) => `${storage.runtimeId} ${storage.sessionId}`;
    return this.#all()
      .filter(({ accountId, region }) => accountId === scope.accountId && region === scope.region)
      .filter((storage) => runtimeId === undefined || storage.runtimeId === runtimeId)
      .filter((storage) => after === undefined || keyOf(storage) > after.join(' '))
      .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
      .slice(0, limit);
  }

  #all(): readonly SessionStorage[] {
    return [...this.#bySession.values()];
  }
}
