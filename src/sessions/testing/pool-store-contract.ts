import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { AccountId, RuntimeId, SandboxId, SessionId } from '../../shared/ids.ts';
import type { NewIncarnation, SessionStore } from '../session-store.ts';
import type { PoolStore } from '../warm-pool/pool-store.ts';

const runtimeId = 'echo-AbCdEf1234' as RuntimeId;
const mine = { holder: 'server-a', expiresAtMs: 2_000 };
const pooled = { runtimeId, version: 1, blueprint: 'b1', readyAtMs: undefined };

interface Stores {
  readonly pool: PoolStore;
  readonly sessions: SessionStore;
}

/** What every store of pooled sandboxes promises. */
export function poolStoreContract(name: string, open: () => Promise<Stores>): void {
  test(`${name}: lists a server's own, and remembers when each was ready`, async () => {
    const { pool } = await open();
    await pool.add({ ...pooled, sandboxId: idOf('1') }, 'server-a');
    await pool.add({ ...pooled, sandboxId: idOf('2') }, 'server-a');
    await pool.add({ ...pooled, sandboxId: idOf('3') }, 'server-b');
    await pool.markReady(idOf('2'), 1_500);
    await pool.remove(idOf('1'));
    await pool.remove(idOf('1'));

    assert.deepEqual(await pool.listOwned('server-a'), [
      { ...pooled, sandboxId: idOf('2'), readyAtMs: 1_500 },
    ]);
  });

  test(`${name}: of two sessions that claim one pooled sandbox at the same time one gets it, ready`, async () => {
    verifies('warm-pool:never-shared');
    const { pool, sessions } = await open();
    await pool.add({ ...pooled, sandboxId: idOf('1') }, 'server-a');
    await pool.markReady(idOf('1'), 1_500);

    const claims = await Promise.all(
      ['s1', 's2'].map((id) => pool.claim(incarnationOf(id, '1'), mine, 1_600)),
    );

    const won = claims.filter((session) => session !== undefined);
    assert.deepEqual(
      won.map(({ sandboxId, state, readyAtMs }) => [sandboxId, state, readyAtMs]),
      [[idOf('1'), 'ready', 1_600]],
    );
    const written = await Promise.all(claims.map((_, at) => sessions.find(runtimeId, nameOf(`s${at + 1}`))));
    assert.equal(written.filter((session) => session !== undefined).length, 1);
    assert.deepEqual(await pool.listOwned('server-a'), []);
  });

  test(`${name}: what is not ready, or not in the pool any more, cannot be claimed, and no session begins`, async () => {
    verifies('warm-pool:never-shared');
    const { pool, sessions } = await open();
    await pool.add({ ...pooled, sandboxId: idOf('1') }, 'server-a');
    assert.equal(await pool.claim(incarnationOf('s1', '1'), mine, 1_600), undefined);
    await pool.markReady(idOf('1'), 1_500);
    await pool.remove(idOf('1'));
    assert.equal(await pool.claim(incarnationOf('s1', '1'), mine, 1_600), undefined);
    assert.equal(await sessions.find(runtimeId, nameOf('s1')), undefined);
  });

  test(`${name}: a session that another server owns takes no sandbox out of the pool`, async () => {
    const { pool, sessions } = await open();
    await pool.add({ ...pooled, sandboxId: idOf('1') }, 'server-a');
    await pool.markReady(idOf('1'), 1_500);
    await sessions.claim(incarnationOf('s1', 'x'), { holder: 'server-b', expiresAtMs: 9_000 }, 1_000);

    assert.equal(await pool.claim(incarnationOf('s1', '1'), mine, 1_600), undefined);
    assert.equal((await pool.listOwned('server-a')).length, 1);
  });
}

function incarnationOf(id: string, sandbox: string): NewIncarnation {
  return {
    scope: { accountId: '111122223333' as AccountId, region: 'us-east-1' },
    runtimeId,
    id: nameOf(id),
    endpoint: 'DEFAULT',
    version: 1,
    sandboxId: idOf(sandbox),
    startedAtMs: 1_550,
  };
}

function nameOf(id: string): SessionId {
  return id as SessionId;
}

function idOf(name: string): SandboxId {
  return `sb-${name}` as SandboxId;
}
