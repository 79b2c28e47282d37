import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import { roomyGate } from '../../sandboxes/testing/roomy-gate.ts';
import { DataPlaneFixture } from './testing/data-plane-fixture.ts';

test('a new session waits in the queue, one too many is throttled, and one that waits too long, too', async () => {
  verifies('bursts:queue');
  const clock = new FakeClock();
  const gate = roomyGate({
    clock,
    startsInFlight: 1,
    cpus: 1,
    queueLimit: 1,
    maxWaitMs: 60_000,
  });
  await using fixture = await DataPlaneFixture.open((_request, response) => response.end('"hello"'), {
    sessions: { gate },
  });
  const pass = await gate.enter('another runtime');
  const waiting = fixture.call({ session: 'first', body: '{}' });
  while (gate.waiting === 0) await wait(5);

  const refused = await fixture.call({ session: 'second', body: '{}' });
  assert.deepEqual([refused.status, refused.headers['x-amzn-errortype']], [429, 'ThrottlingException']);
  await clock.advance(60_000);
  const late = await waiting;
  assert.deepEqual([late.status, late.headers['x-amzn-errortype']], [429, 'ThrottlingException']);
  assert.match(late.body, /within 60 s/);

  const patient = fixture.call({ session: 'third', body: '{}' });
  while (gate.waiting === 0) await wait(5);
  pass.release();
  assert.deepEqual([(await patient).status, (await patient).body], [200, '"hello"']);
});
