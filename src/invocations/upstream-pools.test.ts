import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { BerthError } from '../shared/errors.ts';
import { timelessFixture } from '../sessions/testing/sessions-fixture.ts';
import { UpstreamPools } from './upstream-pools.ts';

test('connections to a sandbox are kept while it is where it was, and not when it has moved', async () => {
  verifies('restart:late-calls', 'hibernation:handover');
  await using fixture = timelessFixture();
  const lease = await fixture.acquire('s1');
  using pools = new UpstreamPools();
  const first = pools.of(lease);
  assert.equal(pools.of(lease), first);

  const moved = { ...lease, address: { host: '10.9.9.9' }, onGone: lease.onGone.bind(lease) };
  const second = pools.of(moved);

  assert.notEqual(second, first);
  assert.equal(pools.of(moved), second);
  assert.match(String(failureOf(first)), /has moved/);
  lease.release();
  await fixture.stop('s1');
  assert.notEqual(pools.of(moved), second);
});

/** What a request over it is refused for. */
function failureOf(connections: ReturnType<UpstreamPools['of']>): unknown {
  let failure: BerthError | Error | undefined;
  const request = { method: 'POST', path: '/', headers: [] };
  connections.dispatch(request as never, { onResponseError: (error: Error) => (failure = error) } as never);
  return failure;
}
