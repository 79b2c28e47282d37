import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { startAdminApi } from './testing/admin-fixture.ts';

test('an admin key sees what runs and waits, and ends the pools; another key may do neither', async (context) => {
  verifies('bursts:top');
  const { call, accessKeys } = await startAdminApi(context);
  const key = await accessKeys.create('invoker', 'web');
  for (const [method, path] of [
    ['GET', '/berth/v1/load'],
    ['POST', '/berth/v1/pools/close'],
  ] as const)
    assert.equal((await call(method, path, { key })).status, 403);

  const load = (await (await call('GET', '/berth/v1/load')).json()) as Record<string, unknown>;
  assert.deepEqual(Object.keys(load).toSorted(), ['atMs', 'disk', 'machine', 'pools', 'sessions', 'starts']);
  assert.equal((load['pools'] as unknown[]).length, 1);

  assert.equal((await call('POST', '/berth/v1/pools/close')).status, 204);
  const after = (await (await call('GET', '/berth/v1/load')).json()) as { pools: unknown[] };
  assert.deepEqual(after.pools, []);
});
