import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { BerthError } from '../../shared/errors.ts';
import { ProbeFailure } from '../agent-probe.ts';
import { echo, timelessFixture } from '../testing/sessions-fixture.ts';

const minute = 60_000;

function freezingFixture() {
  const fixture = timelessFixture();
  fixture.targets.options.set(echo, { 'freeze-after': 30_000 });
  return fixture;
}

test('nothing is frozen where the option is not set', async () => {
  verifies('freeze:option');
  await using fixture = timelessFixture();
  await fixture.call('s1');
  await fixture.clock.advance(10 * minute);
  assert.deepEqual(fixture.driver.pauses, []);
});

test('an idle sandbox is frozen, and the next call wakes it before anything is sent', async () => {
  verifies('freeze:option', 'freeze:wake');
  await using fixture = freezingFixture();
  const { sandboxId: id } = await fixture.call('s1');
  await fixture.clock.advance(29_000);
  assert.equal(fixture.registry.frozenCount, 0);
  await fixture.clock.advance(6_000);
  assert.equal(fixture.registry.frozenCount, 1);
  assert.equal((await fixture.driver.list())[0]?.isPaused, true);

  const lease = await fixture.acquire('s1');
  assert.deepEqual(fixture.driver.pauses, [
    { id, isPaused: true },
    { id, isPaused: false },
  ]);
  await fixture.clock.advance(10 * minute);
  assert.equal(fixture.registry.frozenCount, 0);
  lease.release();
  await fixture.clock.advance(minute);
  assert.equal(fixture.registry.frozenCount, 1);
});

test('calls at the same time share one thaw', async () => {
  verifies('freeze:wake');
  await using fixture = freezingFixture();
  await fixture.call('s1');
  await fixture.clock.advance(minute);
  const leases = await Promise.all(Array.from({ length: 20 }, () => fixture.acquire('s1')));
  assert.equal(fixture.driver.pauses.filter(({ isPaused }) => !isPaused).length, 1);
  for (const lease of leases) lease.release();
});

test('a busy agent, a running call and a program beside the agent keep a sandbox awake', async () => {
  verifies('freeze:in-use');
  await using fixture = freezingFixture();
  const busy = await fixture.call('busy');
  fixture.probe.byHost.set(busy.address.host, { status: 'HealthyBusy', lastUpdatedAtMs: undefined });
  const called = await fixture.acquire('called');
  const shell = await fixture.acquire('shell');
  const program = await shell.exec({ args: ['sleep', '600'] });
  shell.release();
  await fixture.clock.advance(5 * minute);
  assert.equal(fixture.registry.frozenCount, 0);

  called.release();
  await program[Symbol.asyncDispose]();
  await fixture.clock.advance(minute);
  assert.equal(fixture.registry.frozenCount, 2);
});

test('a frozen agent is not asked for its health, and its idle time goes on', async () => {
  verifies('freeze:ping', 'freeze:end');
  await using fixture = freezingFixture();
  await fixture.call('s1');
  await fixture.clock.advance(minute);
  assert.equal(fixture.registry.frozenCount, 1);
  fixture.probe.usual = new ProbeFailure('unreachable', 'a frozen agent does not answer');
  await fixture.clock.advance(13 * minute);
  assert.equal((await fixture.find('s1'))?.state, 'ready');
  await fixture.clock.advance(2 * minute);
  assert.equal((await fixture.find('s1'))?.endReason, 'idle');
  assert.deepEqual(fixture.driver.sandboxes, []);
});

test('a server that takes over leaves frozen sandboxes frozen, and wakes them for a call', async () => {
  verifies('freeze:adoption');
  await using fixture = freezingFixture();
  const before = await fixture.call('s1');
  await fixture.clock.advance(minute);
  await fixture.restart();
  fixture.probe.usual = new ProbeFailure('unreachable', 'a frozen agent does not answer');
  await fixture.clock.advance(minute);
  assert.equal(fixture.registry.frozenCount, 1);

  const after = await fixture.call('s1');
  assert.equal(after.sandboxId, before.sandboxId);
  assert.equal((await fixture.driver.list())[0]?.isPaused, false);
});

test('a server that begins to freeze what it finds before it is in charge wakes it for a call', async () => {
  verifies('freeze:adoption', 'freeze:wake');
  await using fixture = freezingFixture();
  const before = await fixture.call('s1');
  await fixture.registry[Symbol.asyncDispose]();
  await fixture.clock.advance(minute);
  const pause = fixture.driver.pause.bind(fixture.driver);
  const { promise: isAnswered, resolve: answer } = Promise.withResolvers<void>();
  fixture.driver.pause = async (id) => {
    await isAnswered;
    return pause(id);
  };
  fixture.registry = fixture.newRegistry();
  await fixture.registry.recover();
  // Its first look at the session, which has been idle for long enough.
  await fixture.clock.advance(0);

  const isInCharge = fixture.registry.takeCharge();
  await fixture.clock.settle();
  answer();
  await isInCharge;

  assert.equal(fixture.registry.frozenCount, 1);
  assert.equal((await fixture.call('s1')).sandboxId, before.sandboxId);
  assert.equal((await fixture.driver.list())[0]?.isPaused, false);
});

test('after a handover that failed it is asked what is frozen: the other server may have frozen and thawed', async () => {
  verifies('freeze:adoption');
  await using fixture = freezingFixture();
  const [thawed, frozen] = [await fixture.call('thawed'), await fixture.acquire('frozen')];
  await fixture.clock.advance(minute);
  assert.equal(fixture.registry.frozenCount, 1);
  frozen.release();
  const old = fixture.registry;
  await old.pause();
  fixture.registry = fixture.newRegistry();
  await fixture.registry.recover();
  await fixture.clock.advance(40_000);
  const lease = await fixture.acquire('thawed');
  const isPausedNow = async () =>
    new Map((await fixture.driver.list()).map(({ id, isPaused }) => [id, isPaused]));
  assert.deepEqual(
    await isPausedNow(),
    new Map([
      [thawed.sandboxId, false],
      [frozen.sandboxId, true],
    ]),
  );
  await fixture.registry[Symbol.asyncDispose]();
  lease.release();
  fixture.registry = old;

  await old.resume();

  assert.equal(old.frozenCount, 1);
  fixture.probe.byHost.set(frozen.address.host, new ProbeFailure('unreachable', 'it is frozen'));
  await fixture.clock.advance(20_000);
  assert.equal(old.frozenCount, 1);
  await fixture.call('frozen');
  assert.equal((await isPausedNow()).get(frozen.sandboxId), false);
});

test('after a handover that failed a sandbox of which the engine says nothing is thawed by its next call', async () => {
  verifies('freeze:adoption');
  await using fixture = freezingFixture();
  const { sandboxId } = await fixture.acquire('s1');
  await fixture.registry.pause();
  await fixture.driver.pause(sandboxId);
  const list = fixture.driver.list.bind(fixture.driver);
  let asked = 0;
  // The first time it is asked for what is to be adopted.
  fixture.driver.list = async () => {
    asked += 1;
    if (asked === 3) throw new BerthError('unavailable', 'containerd does not answer.');
    return list();
  };
  await fixture.registry.resume();
  assert.equal(asked, 3);
  await fixture.call('s1');
  assert.equal((await list())[0]?.isPaused, false);
});

test('a busy agent of which the engine says nothing at a start is heard again, and not ended as idle', async () => {
  verifies('freeze:adoption', 'sessions:healthy-busy');
  await using fixture = timelessFixture();
  const busy = await fixture.call('busy');
  fixture.probe.byHost.set(busy.address.host, { status: 'HealthyBusy', lastUpdatedAtMs: undefined });
  const list = fixture.driver.list.bind(fixture.driver);
  let asked = 0;
  fixture.driver.list = async () => {
    asked += 1;
    // Of those that are asked for what is to be adopted, the last.
    if (asked === 2) throw new BerthError('unavailable', 'containerd does not answer.');
    return list();
  };
  await fixture.restart();
  await fixture.clock.advance(40 * minute);
  assert.ok(asked >= 2);
  assert.equal((await fixture.find('busy'))?.state, 'ready');
  assert.equal(fixture.registry.frozenCount, 0);
});

test('a thaw that the engine refuses fails its callers only, and the next call tries again', async () => {
  verifies('freeze:wake');
  await using fixture = freezingFixture();
  const before = await fixture.call('s1');
  await fixture.clock.advance(minute);
  fixture.driver.failure = new BerthError('unavailable', 'containerd does not answer.');
  await assert.rejects(fixture.acquire('s1'), { code: 'unavailable' });
  fixture.driver.failure = undefined;
  assert.equal((await fixture.call('s1')).sandboxId, before.sandboxId);
});
