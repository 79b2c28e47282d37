import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { AccountId, RuntimeId, SandboxId, SessionId } from '../../shared/ids.ts';
import type { NewIncarnation, SessionStore } from '../session-store.ts';
import { asleepStates, type Session } from '../session.ts';

const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
const runtimeId = 'echo-AbCdEf1234' as RuntimeId;
const mine = { holder: 'server-a', expiresAtMs: 2_000 };

/** What every session store promises. */
export function sessionStoreContract(name: string, open: () => Promise<SessionStore>): void {
  test(`${name}: the first claim of an id is its first incarnation, the next after an end its second`, async () => {
    const store = await open();
    const first = await claimed(store, incarnationOf('s1', 1_000));
    assert.deepEqual([first.incarnation, first.state, first.version], [1, 'starting', 1]);
    await store.update({ ...first, state: 'ended', endedAtMs: 1_500, endReason: 'idle' });

    const second = await claimed(store, { ...incarnationOf('s1', 1_600), version: 2 });

    assert.deepEqual(
      [second.incarnation, second.version, second.endedAtMs, second.endReason],
      [2, 2, undefined, undefined],
    );
    assert.deepEqual(await store.find(runtimeId, second.id), second);
  });

  test(`${name}: a live session of another server cannot be claimed until its lease has run out`, async () => {
    const store = await open();
    await claimed(store, incarnationOf('s1', 1_000));
    const other = { holder: 'server-b', expiresAtMs: 9_000 };
    assert.equal(await store.claim(incarnationOf('s1', 1_100), other, 1_100), undefined);

    await store.renewOwnership({ ...mine, expiresAtMs: 3_000 });
    assert.equal(await store.claim(incarnationOf('s1', 2_100), other, 2_100), undefined);

    assert.equal((await store.claim(incarnationOf('s1', 3_000), other, 3_000))?.incarnation, 2);
  });

  test(`${name}: a session whose memory may be on disk is claimed by nobody, its own server included, until it has ended`, async () => {
    verifies('hibernation:not-replaced');
    const store = await open();
    const first = await claimed(store, incarnationOf('s1', 1_000));
    for (const state of asleepStates) {
      await store.update({ ...first, state });
      for (const holder of [mine.holder, 'server-b'])
        assert.equal(await store.claim(incarnationOf('s1', 9_000), { ...mine, holder }, 9_000), undefined);
      assert.deepEqual(await store.find(runtimeId, first.id), { ...first, state });
    }
    await store.update({ ...first, state: 'ended', endedAtMs: 9_000, endReason: 'lost' });
    assert.equal((await claimed(store, incarnationOf('s1', 9_001))).incarnation, 2);
  });

  test(`${name}: an earlier incarnation cannot write over a later one`, async () => {
    const store = await open();
    const first = await claimed(store, incarnationOf('s1', 1_000));
    await store.update({ ...first, state: 'ended', endedAtMs: 1_500, endReason: 'idle' });
    const second = await claimed(store, incarnationOf('s1', 1_600));

    await store.update({ ...first, state: 'stopping' });
    await store.recordActivity([{ runtimeId, id: first.id, incarnation: 1, atMs: 1_900 }]);

    assert.deepEqual(await store.find(runtimeId, first.id), second);
  });

  test(`${name}: activity only moves forward`, async () => {
    const store = await open();
    const { id } = await claimed(store, incarnationOf('s1', 1_000));
    await store.recordActivity([{ runtimeId, id, incarnation: 1, atMs: 1_300 }]);
    await store.recordActivity([{ runtimeId, id, incarnation: 1, atMs: 1_200 }]);
    assert.equal((await store.find(runtimeId, id))?.lastActivityAtMs, 1_300);
  });

  test(`${name}: owned are the live sessions of this server and those whose owner is gone`, async () => {
    const store = await open();
    await claimed(store, incarnationOf('mine', 1_000));
    const ended = await claimed(store, incarnationOf('ended', 1_000));
    await store.update({ ...ended, state: 'ended', endedAtMs: 1_001, endReason: 'stopped' });
    await store.claim(incarnationOf('lapsed', 1_000), { holder: 'server-b', expiresAtMs: 1_500 }, 1_000);
    await store.claim(incarnationOf('others', 1_000), { holder: 'server-b', expiresAtMs: 9_000 }, 1_000);

    const owned = await store.listOwned('server-a', 1_500);

    assert.deepEqual(owned.map((session) => session.id).sort(), ['lapsed', 'mine']);
  });

  test(`${name}: lists newest first, by runtime, live ones only, and so many`, async () => {
    const store = await open();
    for (const [index, id] of ['s1', 's2', 's3'].entries())
      await claimed(store, incarnationOf(id, 1_000 + index));
    const other = 'other-AbCdEf1234' as RuntimeId;
    const stopped = await claimed(store, { ...incarnationOf('s4', 1_010), runtimeId: other });
    await store.update({ ...stopped, state: 'ended', endedAtMs: 1_011, endReason: 'stopped' });
    const idsOf = async (filter: Parameters<SessionStore['list']>[1]) =>
      (await store.list(scope, filter)).map(({ id }) => id);

    assert.deepEqual(await idsOf({ limit: 10 }), ['s4', 's3', 's2', 's1']);
    assert.deepEqual(await idsOf({ limit: 2, liveOnly: true }), ['s3', 's2']);
    assert.deepEqual(await idsOf({ limit: 10, runtimeId: other }), ['s4']);
    assert.deepEqual(await store.list({ ...scope, region: 'eu-west-1' }, { limit: 10 }), []);
    await store.forgetEnded(1_012);
    assert.equal(await store.find(other, stopped.id), undefined);
  });
}

function incarnationOf(id: string, startedAtMs: number): NewIncarnation {
  const sandboxId = `sb-${id}` as SandboxId;
  return { scope, runtimeId, id: id as SessionId, endpoint: 'DEFAULT', version: 1, sandboxId, startedAtMs };
}

async function claimed(store: SessionStore, start: NewIncarnation): Promise<Session> {
  const session = await store.claim(start, mine, start.startedAtMs);
  assert.ok(session);
  return session;
}
