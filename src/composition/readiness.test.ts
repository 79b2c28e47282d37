import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeSandboxDriver } from '../../test/fakes/fake-sandbox-driver.ts';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import { openDatabase } from '../storage/database.ts';
import { createReadinessCheck } from './readiness.ts';

test('a server is not ready while its engine or its database does not answer, and is asked about it once a second', async () => {
  verifies('server:ready');
  const clock = new FakeClock();
  const driver = new FakeSandboxDriver({ clock });
  const database = await openDatabase(':memory:');
  const problems = createReadinessCheck({ database, driver, clock });
  assert.deepEqual(await problems(), []);

  driver.failure = new BerthError('unavailable', 'containerd does not answer.');
  assert.deepEqual(await problems(), [], 'the last answer is remembered');
  await clock.advance(1_000);
  assert.deepEqual(await problems(), ['containerd does not answer.']);

  await database.destroy();
  await clock.advance(1_000);
  assert.equal((await problems()).length, 2);
});
