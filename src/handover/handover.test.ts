import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { ProbeFailure } from '../sessions/agent-probe.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import { echo, scope, sessionNamed, timelessFixture } from '../sessions/testing/sessions-fixture.ts';
import { BerthError } from '../shared/errors.ts';
import { Predecessor } from './predecessor.ts';
import type { RuntimeChanges } from './runtime-changes.ts';
import { handOver } from './successor.ts';
import { channelPair } from './testing/channel-pair.ts';

const minute = 60_000;
const noChanges: RuntimeChanges = { onChange: () => () => {}, noteChange: () => {}, noteAll: () => {} };

type Fixture = ReturnType<typeof timelessFixture>;

/** Hands the fixture's registry over to a new one, which `prepare` may keep from serving. */
async function replace(
  fixture: Fixture,
  prepare: (next: SessionRegistry) => Promise<void> = async () => {},
  changes = noChanges,
) {
  const old = fixture.registry;
  const next = fixture.newRegistry();
  const channels = channelPair();
  const outcome = handOver({
    channel: channels.ofPredecessor,
    sessions: old,
    driver: fixture.driver,
    pause: () => old.pause(),
    resume: () => old.resume(),
    clock: fixture.clock,
    ...changes,
  });
  const successor = async () => {
    const predecessor = new Predecessor(channels.ofSuccessor);
    await predecessor.takeOver({ migrates: false });
    next.standBy();
    await next.recover();
    await prepare(next);
    await predecessor.serve(next);
    await next.takeCharge();
  };
  const started = successor().catch((error: Error) =>
    channels.ofSuccessor.send({ type: 'failed', reason: error.message }),
  );
  await Promise.all([outcome, started]);
  await fixture.clock.settle();
  return { next, channels };
}

test('a session into which the old server relays a call is idle only when that has ended', async () => {
  verifies('restart:no-idle-while-relayed');
  await using fixture = timelessFixture();
  const lease = await fixture.acquire('long call');
  const { next } = await replace(fixture);
  await fixture.clock.advance(60 * minute);
  assert.equal((await fixture.find('long call'))?.state, 'ready');

  lease.release();
  await fixture.clock.advance(10 * minute);
  assert.equal((await fixture.find('long call'))?.state, 'ready');
  await fixture.clock.advance(10 * minute);
  assert.equal((await fixture.find('long call'))?.endReason, 'idle');
  await next[Symbol.asyncDispose]();
});

test('calls of an old server that is killed hold their sessions no longer', async () => {
  verifies('restart:no-idle-while-relayed');
  await using fixture = timelessFixture();
  await fixture.acquire('before');
  const { next, channels } = await replace(fixture);
  await fixture.acquire('after');
  channels.cut('It was killed.');
  await fixture.clock.advance(20 * minute);
  assert.equal((await fixture.find('before'))?.endReason, 'idle');
  assert.equal((await fixture.find('after'))?.endReason, 'idle');
  await assert.rejects(fixture.acquire('late'), (error: BerthError) => error.code === 'unavailable');
  await next[Symbol.asyncDispose]();
});

test('calls of the old server are told when the new one ends their session', async () => {
  verifies('restart:no-idle-while-relayed');
  await using fixture = timelessFixture();
  const early = await fixture.acquire('early');
  const { next } = await replace(fixture);
  const late = await fixture.acquire('late');
  const told: string[] = [];
  early.onGone(({ message }) => told.push(message));
  late.onGone(({ message }) => told.push(message));
  const { signal } = new AbortController();
  for (const name of ['early', 'late'])
    await next.stop({ scope, runtimeId: echo, sessionId: sessionNamed(name), signal });
  await fixture.clock.settle();
  assert.equal(told.length, 2);
  for (const message of told) assert.match(message, /The session was stopped/);
  await next[Symbol.asyncDispose]();
});

test('the old server asks the new one for sessions: one for each id, started, found, refused and stopped there', async () => {
  verifies('restart:late-calls');
  await using fixture = timelessFixture();
  const known = await fixture.call('known');
  const { next } = await replace(fixture);
  assert.equal((await fixture.call('known')).sandboxId, known.sandboxId);
  const begun = await fixture.call('begun late');
  assert.equal(begun.hasStartedSandbox, true);
  assert.equal(next.liveCount, 2);
  await assert.rejects(
    fixture.acquire('nowhere', { qualifier: 'missing' }),
    (error: unknown) => error instanceof BerthError && error.code === 'not-found',
  );
  await fixture.stop('known');
  assert.equal((await fixture.find('known'))?.endReason, 'stopped');
  await next[Symbol.asyncDispose]();
});

test('a caller who waits for a start when the server is replaced gets its session from the new one', async () => {
  verifies('restart:late-calls');
  await using fixture = timelessFixture();
  fixture.probe.usual = new ProbeFailure('unreachable', 'not yet');
  const waiting = fixture.acquire('slow');
  await fixture.clock.advance(1_000);
  const { next } = await replace(fixture);
  await fixture.clock.advance(1_000);
  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: undefined };
  await fixture.clock.advance(1_000);
  const lease = await waiting;
  // Its sandbox was running already, and goes on.
  assert.equal(fixture.driver.starts.length, 1);
  assert.equal(lease.session.incarnation, 1);
  lease.release();
  await next[Symbol.asyncDispose]();
});

test('a call into a sandbox that ends while the server is replaced waits for a new one', async () => {
  verifies('restart:late-calls');
  await using fixture = timelessFixture();
  const before = await fixture.call('crashing');
  await fixture.call('well');
  let late: Promise<{ readonly sandboxId: string }> | undefined;
  const { next } = await replace(fixture, async () => {
    // The old server is at rest, and the new one does not serve yet.
    await fixture.driver.exit(before.sandboxId);
    await fixture.clock.settle();
    late = fixture.call('crashing');
    await fixture.call('well');
  });
  assert.notEqual((await late)?.sandboxId, before.sandboxId);
  await next[Symbol.asyncDispose]();
});

test('a handover that fails leaves the old server as it was: sessions start, idle, and stop', async () => {
  verifies('restart:failed-upgrade');
  await using fixture = timelessFixture();
  fixture.probe.usual = new ProbeFailure('unreachable', 'not yet');
  const waiting = fixture.acquire('slow');
  await fixture.clock.advance(1_000);
  await assert.rejects(
    replace(fixture, async (next) => {
      await next[Symbol.asyncDispose]();
      throw new Error('The port is taken.');
    }),
    /The port is taken/,
  );
  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: undefined };
  await fixture.clock.advance(1_000);
  (await waiting).release();
  await fixture.call('another');
  await fixture.stop('another');
  assert.equal((await fixture.find('another'))?.endReason, 'stopped');
  await fixture.clock.advance(20 * minute);
  assert.equal((await fixture.find('slow'))?.endReason, 'idle');
});

test('pools are closed by the server that decides: when that is known, and not by one that has left', async () => {
  verifies('restart:one-decides');
  await using fixture = timelessFixture();
  fixture.targets.options.set(echo, { 'pool-min': 1 });
  const { registry } = fixture;
  await registry.takeCharge();
  await fixture.clock.settle();
  let refused: Promise<void> | undefined;
  const { next } = await replace(fixture, async () => {
    refused = assert.rejects(registry.closePools(), { code: 'unavailable' });
    await fixture.clock.settle();
    assert.equal(fixture.driver.sandboxes.length, 1);
  });
  await refused;
  assert.equal(next.pool?.size, 1);
  await next.closePools();
  assert.deepEqual(fixture.driver.sandboxes, []);
  await next[Symbol.asyncDispose]();
});

test('pools that were closed stay so after a handover that failed', async () => {
  verifies('restart:failed-late');
  await using fixture = timelessFixture();
  fixture.targets.options.set(echo, { 'pool-min': 1 });
  const { registry } = fixture;
  await registry.takeCharge();
  await registry.pause();
  const closing = registry.closePools();
  await registry.resume();
  await closing;
  await registry.pause();
  await registry.resume();
  await fixture.clock.advance(minute);
  assert.deepEqual(fixture.driver.sandboxes, []);
});

test('a server tells another one of changes of runtimes for as long as that is there', async () => {
  verifies('restart:failed-upgrade');
  await using fixture = timelessFixture();
  const listeners = new Set<unknown>();
  let notedAll = 0;
  const changes: RuntimeChanges = {
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    noteChange: () => {},
    noteAll: () => void (notedAll += 1),
  };
  const failing = replace(
    fixture,
    async (next) => {
      assert.deepEqual([listeners.size, notedAll], [1, 0]);
      await next[Symbol.asyncDispose]();
      throw new Error('The port is taken.');
    },
    changes,
  );
  await assert.rejects(failing, /The port is taken/);
  assert.deepEqual([listeners.size, notedAll], [0, 1], 'its last changes may not have been told');
});

test('an abort that crosses the answer leaves no lease behind, and one that comes after it takes none back', async () => {
  verifies('restart:no-idle-while-relayed');
  await using fixture = timelessFixture();
  const { next } = await replace(fixture);
  const early = new AbortController();
  const crossed = fixture.acquire('crossed', { signal: early.signal });
  // Answered by the new server, and not heard by the old one yet.
  while (next.callsInFlight().length === 0) await Promise.resolve();
  early.abort(new Error('It left.'));
  await assert.rejects(crossed, /It left/);
  const late = new AbortController();
  const held = await fixture.acquire('held', { signal: late.signal });
  late.abort(new Error('Too late.'));
  await fixture.clock.settle();
  assert.deepEqual(next.callsInFlight(), [[held.sandboxId, 1]]);
  held.release();
  await next[Symbol.asyncDispose]();
});

test('until the old server has left, the new one ends, freezes and starts nothing, however long that takes', async () => {
  verifies('restart:one-decides');
  await using fixture = timelessFixture();
  fixture.targets.addVersion(echo, 1, { idleTimeoutS: 10 });
  fixture.targets.options.set(echo, { 'freeze-after': 5_000, 'pool-min': 1 });
  const lease = await fixture.acquire('in use');
  await fixture.call('idle');
  const { next } = await replace(fixture, async () => {
    await fixture.clock.advance(60_000);
    assert.deepEqual(fixture.driver.pauses, []);
    assert.equal(fixture.driver.starts.length, 2);
    for (const name of ['in use', 'idle']) assert.equal((await fixture.find(name))?.state, 'ready');
  });
  await fixture.clock.advance(5_000);
  assert.equal((await fixture.find('idle'))?.endReason, 'idle');
  assert.equal((await fixture.find('in use'))?.state, 'ready');
  assert.deepEqual(fixture.driver.pauses, []);
  assert.equal(next.pool?.size, 1);
  lease.release();
  await next[Symbol.asyncDispose]();
});

test('after a handover that fails late, pooled, frozen and hibernated sandboxes are what they were', async () => {
  verifies('restart:failed-late');
  await using fixture = timelessFixture();
  const keepMs = 60 * minute;
  fixture.targets.options.set(echo, {
    isolation: 'gvisor',
    hibernate: keepMs,
    'freeze-after': 5 * minute,
    'pool-min': 1,
  });
  await fixture.registry.takeCharge();
  await fixture.clock.settle();
  const asleep = await fixture.call('asleep');
  await fixture.call('expires');
  await fixture.clock.advance(16 * minute);
  const frozen = await fixture.call('frozen');
  await fixture.clock.advance(6 * minute);
  const [pooled] = fixture.registry.pool?.view().flatMap(({ sandboxIds }) => sandboxIds) ?? [];
  const before = await fixture.driver.list();
  assert.deepEqual([fixture.registry.frozenCount, fixture.registry.hibernatedCount], [1, 2]);

  await failLate(fixture);

  assert.deepEqual(await fixture.driver.list(), before);
  assert.equal((await fixture.call('new')).sandboxId, pooled);
  assert.equal(fixture.registry.frozenCount, 1);
  assert.equal((await fixture.call('frozen')).sandboxId, frozen.sandboxId);
  const woken = await fixture.acquire('asleep');
  assert.equal(woken.sandboxId, asleep.sandboxId);
  // The time that it was kept for is over only for those that are asleep still.
  await fixture.clock.advance(keepMs);
  assert.equal((await fixture.find('asleep'))?.state, 'ready');
  assert.equal((await fixture.find('expires'))?.endReason, 'hibernation-over');
  woken.release();
});

test('a hibernated session whose time is over during a handover that fails ends after it', async () => {
  verifies('restart:failed-late');
  await using fixture = timelessFixture();
  fixture.targets.options.set(echo, { isolation: 'gvisor', hibernate: 60 * minute });
  await fixture.call('s1');
  await fixture.clock.advance(16 * minute);
  const untilMs = (await fixture.find('s1'))?.hibernation?.untilMs ?? 0;
  await fixture.clock.advance(untilMs - fixture.clock.now() - 1_000);
  await failLate(fixture, () => fixture.clock.advance(10_000));
  assert.equal((await fixture.find('s1'))?.endReason, 'hibernation-over');
});

test('a hibernated session is not lost to an engine that answers badly after a handover that failed', async () => {
  verifies('restart:failed-late');
  await using fixture = timelessFixture();
  fixture.targets.options.set(echo, { isolation: 'gvisor', hibernate: 60 * minute });
  const { sandboxId } = await fixture.call('s1');
  await fixture.clock.advance(16 * minute);
  const { hibernation } = fixture.driver;
  await failLate(fixture, async () => {
    hibernation.before = () => Promise.reject(new Error('The engine is busy.'));
  });
  hibernation.before = () => {};
  assert.equal((await fixture.find('s1'))?.state, 'hibernated');
  assert.equal((await fixture.call('s1')).sandboxId, sandboxId);
});

test('a sandbox that ends during a handover that fails is replaced for the next call', async () => {
  verifies('restart:failed-late');
  await using fixture = timelessFixture();
  const before = await fixture.call('s1');
  await failLate(fixture, async () => {
    await fixture.driver.exit(before.sandboxId);
    await fixture.clock.settle();
  });
  assert.notEqual((await fixture.call('s1')).sandboxId, before.sandboxId);
  assert.equal(fixture.eventsNamed('sessionEnded').length, 1);
});

test('a server that cannot read what there is after a handover that failed decides again when it can', async () => {
  verifies('restart:taken-up-again');
  await using fixture = timelessFixture();
  const list = fixture.driver.list.bind(fixture.driver);
  const { registry } = fixture;
  await fixture.call('known');
  await registry.pause();
  const waiting = fixture.call('waiting');
  fixture.driver.list = () => Promise.reject(new Error('The engine does not answer.'));
  await registry.resume();
  await fixture.call('known');
  assert.equal(registry.custody.isHeld, false);
  assert.equal(fixture.eventsNamed('sessionWorkDelayed').length, 1);
  fixture.driver.list = list;
  await fixture.clock.advance(1_000);
  await waiting;
  assert.equal(registry.custody.isHeld, true);
});

test('what cannot be taken up again after a handover that failed is left to the next one', async () => {
  verifies('restart:one-decides');
  await using fixture = timelessFixture();
  const list = fixture.driver.list.bind(fixture.driver);
  const { registry } = fixture;
  await registry.pause();
  fixture.driver.list = () => Promise.reject(new Error('The engine does not answer.'));
  await registry.resume();
  await registry.pause();
  fixture.driver.list = list;
  await fixture.clock.advance(minute);
  assert.equal(registry.custody.isHeld, false);
  await registry.resume();
  assert.equal(registry.custody.isHeld, true);
});

/** A new server that takes over everything and then cannot serve. */
async function failLate(fixture: Fixture, meanwhile: () => Promise<void> = async () => {}): Promise<void> {
  const failing = replace(fixture, async (next) => {
    await meanwhile();
    await next[Symbol.asyncDispose]();
    throw new Error('The port is taken.');
  });
  await assert.rejects(failing, /The port is taken/);
  await fixture.clock.advance(1);
}
