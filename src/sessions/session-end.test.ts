import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import { ProbeFailure } from './agent-probe.ts';
import { echo, timelessFixture } from './testing/sessions-fixture.ts';

const minute = 60_000;
const failing = new ProbeFailure('unreachable', 'ECONNREFUSED');

test('an idle session ends after 900 s, counted from the end of its last call', async () => {
  verifies('sessions:idle', 'sessions:probing-is-no-activity');
  await using fixture = timelessFixture();
  await fixture.call('s1');
  await fixture.clock.advance(10 * minute);
  const lease = await fixture.acquire('s1');
  await fixture.clock.advance(20 * minute);
  lease.release();

  await fixture.clock.advance(15 * minute - 1_000);
  assert.equal(fixture.registry.liveCount, 1);
  await fixture.clock.advance(6_000);
  assert.equal(fixture.registry.liveCount, 0);
  assert.deepEqual(fixture.driver.sandboxes, []);
  assert.equal((await fixture.find('s1'))?.endReason, 'idle');
});

test("idle limit and maximum lifetime are the version's", async () => {
  verifies('sessions:idle', 'sessions:max-lifetime');
  await using fixture = timelessFixture();
  fixture.targets.addVersion(echo, 2, { idleTimeoutS: 60, maxLifetimeS: 120 });
  await fixture.call('idle');
  const lease = await fixture.acquire('busy');
  await fixture.clock.advance(66_000);
  assert.equal((await fixture.find('idle'))?.endReason, 'idle');
  await fixture.clock.advance(60_000);
  assert.equal((await fixture.find('busy'))?.endReason, 'max-lifetime');
  lease.release();
});

test('HealthyBusy stops the idle clock, and the whole limit runs again after it', async () => {
  verifies('sessions:healthy-busy');
  await using fixture = timelessFixture();
  await fixture.call('s1');
  fixture.probe.usual = { status: 'HealthyBusy', lastUpdatedAtMs: undefined };
  await fixture.clock.advance(120 * minute);
  assert.equal(fixture.registry.liveCount, 1);

  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: undefined };
  await fixture.clock.advance(14 * minute);
  assert.equal(fixture.registry.liveCount, 1);
  await fixture.clock.advance(2 * minute);
  assert.equal(fixture.registry.liveCount, 0);
});

test('with the strict switch HealthyBusy holds a session only while its time_of_last_update moves', async () => {
  verifies('sessions:healthy-busy');
  await using fixture = timelessFixture({ changes: { isStrict: true } });
  await fixture.call('s1');
  for (let passed = 0; passed < 30; passed += 1) {
    fixture.probe.usual = { status: 'HealthyBusy', lastUpdatedAtMs: fixture.clock.now() };
    await fixture.clock.advance(minute);
  }
  assert.equal(fixture.registry.liveCount, 1);
  await fixture.clock.advance(16 * minute);
  assert.equal(fixture.registry.liveCount, 0);
});

test('time_of_last_update moves the idle clock, and is clamped to between the start and now', async () => {
  verifies('sessions:idle', 'sessions:time-of-last-update');
  await using fixture = timelessFixture();
  const startedAtMs = fixture.clock.now();
  await fixture.call('s1');
  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: startedAtMs + 10 * minute };
  await fixture.clock.advance(24 * minute);
  assert.equal(fixture.registry.liveCount, 1);
  await fixture.clock.advance(2 * minute);
  assert.equal(fixture.registry.liveCount, 0);

  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: 0 };
  await fixture.call('s2');
  await fixture.clock.advance(14 * minute);
  assert.equal(fixture.registry.liveCount, 1);
  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: fixture.clock.now() * 2 };
  await fixture.clock.advance(100 * minute);
  assert.equal(fixture.registry.liveCount, 1);
});

test('the maximum lifetime of 8 hours ends even a busy session', async () => {
  verifies('sessions:max-lifetime');
  await using fixture = timelessFixture();
  const lease = await fixture.acquire('s1');
  await fixture.clock.advance(8 * 60 * minute - 1);
  assert.equal(fixture.registry.liveCount, 1);
  const told = new Promise<BerthError>((resolve) => lease.onGone(resolve));
  await fixture.clock.advance(1);
  assert.equal(fixture.registry.liveCount, 0);
  assert.match((await told).message, /maximum lifetime/);
  lease.release();
});

test('three failed health checks in a row end a quiet session', async () => {
  verifies('sessions:unhealthy');
  await using fixture = timelessFixture();
  await fixture.call('s1');
  fixture.probe.usual = failing;
  await fixture.clock.advance(10_000);
  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: undefined };
  await fixture.clock.advance(5_000);
  fixture.probe.usual = failing;
  await fixture.clock.advance(14_000);
  assert.equal(fixture.registry.liveCount, 1);
  await fixture.clock.advance(1_000);
  assert.equal((await fixture.find('s1'))?.endReason, 'unhealthy');
});

test('health checks are not made while a call is running, and one that fails across a call means nothing', async () => {
  verifies('sessions:unhealthy');
  await using fixture = timelessFixture();
  const lease = await fixture.acquire('s1');
  fixture.probe.usual = failing;
  const asked = askedCount(fixture);
  await fixture.clock.advance(60 * minute);
  assert.equal(askedCount(fixture), asked);
  assert.equal(fixture.registry.liveCount, 1);
  lease.release();
  for (let checks = 0; checks < 10; checks += 1) {
    await fixture.clock.advance(9_000);
    await fixture.call('s1');
  }
  assert.equal(fixture.registry.liveCount, 1);
});

test('what a stop breaks off is told why at once, however long the sandbox takes to end', async () => {
  verifies('sessions:stop');
  const held = Promise.withResolvers<void>();
  await using fixture = timelessFixture({ image: () => ({ onStop: () => held.promise }) });
  const lease = await fixture.acquire('s1');
  const stopped = fixture.stop('s1');
  await fixture.clock.settle();
  const told = lease.whyGone();
  await fixture.clock.advance(1_000);
  const error = await told;
  assert.equal(error?.code, 'runtime-client-error');
  assert.match(error.message, /was stopped/);
  lease.release();
  held.resolve();
  await stopped;
});

test('an agent that exits ends its session; running calls hear why and the next call starts clean', async () => {
  verifies('sessions:crash', 'sessions:log-for-operator');
  await using fixture = timelessFixture();
  const lease = await fixture.acquire('s1');
  await fixture.driver.exit(lease.sandboxId, { exitCode: 7 });
  const error = await lease.whyGone();
  assert.equal(error?.code, 'runtime-client-error');
  assert.match(error.message, /exited with code 7\. The next call of this session starts clean/);
  lease.release();
  await fixture.clock.settle();

  assert.deepEqual(fixture.driver.sandboxes, []);
  const [end] = fixture.eventsNamed('sessionEnded');
  assert.deepEqual((end as { logLines: unknown; reason: string }).logLines, ['last line']);
  assert.equal((await fixture.call('s1')).session.incarnation, 2);
});

test('out of memory is told as such', async () => {
  verifies('sessions:crash');
  await using fixture = timelessFixture();
  const lease = await fixture.acquire('s1');
  await fixture.driver.exit(lease.sandboxId, { exitCode: 137, outOfMemory: true });
  assert.match((await lease.whyGone())?.message ?? '', /ran out of memory/);
  await fixture.clock.settle();
  assert.equal((await fixture.find('s1'))?.endReason, 'out-of-memory');
});

test('stop gives 15 s of grace, answers when the sandbox is gone, and may be repeated', async () => {
  verifies('sessions:stop');
  await using fixture = timelessFixture();
  const { sandboxId } = await fixture.call('s1');
  await fixture.stop('s1');
  assert.deepEqual(fixture.driver.removals, [{ id: sandboxId, graceMs: 15_000 }]);
  assert.deepEqual(fixture.driver.sandboxes, []);
  await fixture.stop('s1');
  await assert.rejects(fixture.stop('never'), { code: 'not-found' });
});

test('a stop that takes too long is 409, and goes on', async () => {
  verifies('sessions:wait-for-transition', 'sessions:engine-outage');
  await using fixture = timelessFixture();
  await fixture.call('s1');
  fixture.driver.failure = new BerthError('unavailable', 'containerd does not answer.');
  const refused = assert.rejects(fixture.stop('s1'), { code: 'retryable-conflict' });
  await fixture.clock.advance(minute);
  await refused;
  assert.equal((await fixture.find('s1'))?.state, 'stopping');

  fixture.driver.failure = undefined;
  await fixture.clock.advance(minute);
  assert.equal((await fixture.find('s1'))?.state, 'ended');
  assert.deepEqual(fixture.driver.sandboxes, []);
});

test('a session can be stopped while it starts', async () => {
  verifies('sessions:stop-while-starting');
  await using fixture = timelessFixture();
  fixture.probe.usual = failing;
  const refused = assert.rejects(fixture.acquire('s1'), {
    code: 'runtime-client-error',
    message: 'The session was stopped. The next call of this session starts clean.',
  });
  await fixture.clock.advance(1_000);
  await fixture.stop('s1');
  await refused;
  assert.deepEqual(fixture.driver.sandboxes, []);
  assert.equal((await fixture.find('s1'))?.endReason, 'stopped');
});

test('a deletion hears when sessions cannot be ended; they go on ending', async () => {
  verifies('control:delete-failed', 'sessions:engine-outage');
  await using fixture = timelessFixture();
  await fixture.call('s1');
  fixture.driver.failure = new BerthError('unavailable', 'containerd does not answer.');
  const refused = assert.rejects(fixture.registry.endAll(echo), {
    code: 'unavailable',
    message: /^1 of its sessions have not ended yet/,
  });
  await fixture.clock.advance(75_000);
  await refused;
  fixture.driver.failure = undefined;
  await fixture.clock.advance(minute);
  await fixture.registry.endAll(echo);
  assert.equal((await fixture.find('s1'))?.endReason, 'runtime-deleted');
});

test('deleting a version ends its sessions, deleting a runtime all', async () => {
  verifies('sessions:runtime-deleted');
  await using fixture = timelessFixture();
  await fixture.call('v1');
  fixture.targets.addVersion(echo, 2);
  await fixture.call('v2');
  await fixture.registry.endAll(echo, 1);
  assert.deepEqual(
    [(await fixture.find('v1'))?.state, (await fixture.find('v2'))?.state],
    ['ended', 'ready'],
  );
  await fixture.registry.endAll(echo);
  assert.deepEqual(fixture.driver.sandboxes, []);
  assert.equal((await fixture.find('v2'))?.endReason, 'runtime-deleted');
});

test('a database that cannot be written refuses new sessions and still ends old ones', async () => {
  verifies('sessions:failed-start-leaves-nothing');
  await using fixture = timelessFixture();
  await fixture.call('s1');
  fixture.store.failure = new Error('database or disk is full');
  await assert.rejects(fixture.acquire('s2'), /disk is full/);
  await fixture.registry.endAll(echo);
  assert.deepEqual(fixture.driver.sandboxes, []);
  fixture.store.failure = undefined;
  await fixture.call('s2');
});

test('an end that cannot be written is written as soon as that is possible', async () => {
  verifies('sessions:failed-start-leaves-nothing');
  await using fixture = timelessFixture();
  await fixture.call('s1');
  fixture.store.failure = new Error('database or disk is full');
  await fixture.stop('s1');
  fixture.store.failure = undefined;
  await fixture.clock.advance(1_000);
  assert.deepEqual(
    [(await fixture.find('s1'))?.state, (await fixture.find('s1'))?.endReason],
    ['ended', 'stopped'],
  );
});

function askedCount({ probe }: ReturnType<typeof timelessFixture>): number {
  return [...probe.asked.values()].reduce((sum, count) => sum + count, 0);
}
