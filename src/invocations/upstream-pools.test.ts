import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { upstreamOptions } from './upstream-pools.ts';

test("agents get the contract's time: 15 minutes to begin an answer, an hour of silence within it", () => {
  verifies('invocations:patience');
  assert.equal(upstreamOptions.headersTimeout, 900_000);
  assert.equal(upstreamOptions.bodyTimeout, 3_600_000);
});

test('a connection is given up before any common server closes it: a request that met the close could not be sent again', () => {
  verifies('invocations:never-twice');
  assert.ok(upstreamOptions.keepAliveMaxTimeout < 2_000);
  assert.equal(upstreamOptions.pipelining, 1);
});
