import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AccountId, RuntimeId, SessionId, VolumeId } from '../../shared/ids.ts';
import type { SessionStorage, SessionStorageStore } from '../session-storage-store.ts';

const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
const [echo, other] = ['echo-AbCdEf1234', 'other-AbCdEf1234'] as [RuntimeId, RuntimeId];

function storage(
  runtimeId: RuntimeId,
  sessionId: string,
  changes: Partial<SessionStorage> = {},
): SessionStorage {
  return {
    ...scope,
    runtimeId,
    sessionId: sessionId as SessionId,
    version: 1,
    volume: `vol-${runtimeId}-${sessionId}` as VolumeId,
    sizeBytes: 2 ** 30,
    createdAtMs: 10,
    lastUsedAtMs: 20,
    ...changes,
  };
}

/** What every store of storage does. */
export function sessionStorageStoreContract(name: string, open: () => Promise<SessionStorageStore>): void {
  describe(`storage of sessions in ${name}`, () => {
    it('is found by runtime and session, and replaced', async () => {
      const store = await open();
      await store.put(storage(echo, 'a'));
      await store.put(storage(other, 'a'));
      const next = storage(echo, 'a', { volume: 'vol-next' as VolumeId, version: 2 });
      await store.put(next);
      assert.deepEqual(await store.find(echo, 'a' as SessionId), next);
      assert.equal(await store.find(echo, 'b' as SessionId), undefined);
      assert.deepEqual((await store.volumes()).toSorted(), ['vol-next', `vol-${other}-a`]);
      await store.remove(`vol-${echo}-a` as VolumeId);
      assert.deepEqual(await store.find(echo, 'a' as SessionId), next);
    });

    it('is found by runtime and version, and by when it was used last', async () => {
      const store = await open();
      const all = [storage(echo, 'a'), storage(echo, 'b', { version: 2 }), storage(other, 'a')];
      for (const one of all) await store.put(one);
      assert.deepEqual(await store.ofRuntime(echo), all.slice(0, 2));
      assert.deepEqual(await store.ofRuntime(echo, 2), [all[1]]);
      await store.touch(
        [
          { runtimeId: echo, sessionId: 'a' as SessionId },
          { runtimeId: echo, sessionId: 'none' as SessionId },
        ],
        99,
      );
      assert.deepEqual(await store.unusedSince(20), []);
      assert.deepEqual(await store.unusedSince(99), all.slice(1));
    });

    it('is listed in order, in pages, of one account and runtime', async () => {
      const store = await open();
      const stranger = storage(echo, 'c', { accountId: '999999999999' as AccountId });
      for (const one of [storage(other, 'a'), storage(echo, 'b'), storage(echo, 'a'), stranger])
        await store.put(one);
      const named = async (filter: Parameters<SessionStorageStore['list']>[1]) =>
        (await store.list(scope, filter)).map(({ runtimeId, sessionId }) => [runtimeId, sessionId]);
      assert.deepEqual(await named({ limit: 2 }), [
        [echo, 'a'],
        [echo, 'b'],
      ]);
      assert.deepEqual(await named({ limit: 2, after: [echo, 'b' as SessionId] }), [[other, 'a']]);
      assert.deepEqual(await named({ limit: 9, runtimeId: other }), [[other, 'a']]);
    });
  });
}
