import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { isIncarnationLive } from './is-incarnation-live.ts';
import { asleep, hibernating } from './testing/hibernation-fixture.ts';
import { echo, scope, sessionNamed, timelessFixture } from './testing/sessions-fixture.ts';

const first = { runtimeId: echo, sessionId: sessionNamed('s1'), incarnation: 1 };

test('an incarnation lives until its end, and not when another one of its id begins', async () => {
  verifies('token:session-end');
  await using fixture = timelessFixture();
  const isLive = (incarnation: number) =>
    isIncarnationLive(fixture.registry, scope, { ...first, incarnation });
  assert.equal(await isLive(1), false);
  const { session } = await fixture.call('s1');
  assert.equal(session.incarnation, 1);
  assert.deepEqual([await isLive(1), await isLive(2)], [true, false]);
  await fixture.restart();
  assert.equal(await isLive(1), true);
  await fixture.stop('s1');
  assert.equal(await isLive(1), false);
  await fixture.call('s1');
  assert.deepEqual([await isLive(1), await isLive(2)], [false, true]);
  assert.equal(await isIncarnationLive(fixture.registry, { ...scope, region: 'eu-west-1' }, first), false);
});

test('a session on disk lives', async () => {
  verifies('token:session-end');
  await using fixture = await hibernating();
  await asleep(fixture, 's1');
  assert.equal(await isIncarnationLive(fixture.registry, scope, first), true);
});
