import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { parseSandboxOptions, type SandboxOptions } from '../../runtimes/sandbox-options.ts';
import { BerthError } from '../../shared/errors.ts';
import { ProbeFailure } from '../agent-probe.ts';
import { echo, timelessFixture } from '../testing/sessions-fixture.ts';

const minute = 60_000;
const failing = new ProbeFailure('unreachable', 'ECONNREFUSED');

/** A server that has just started, whose runtime has these options. */
async function pooling(options: SandboxOptions, fixture = timelessFixture()) {
  fixture.targets.setOptions(echo, options);
  await fixture.registry.takeCharge();
  await fixture.clock.settle();
  return fixture;
}

const readyIn = (fixture: ReturnType<typeof timelessFixture>) =>
  (fixture.registry.pool?.view() ?? []).flatMap(({ sandboxIds }) => sandboxIds);

test('no sandbox is started ahead of time where no option says so', async () => {
  verifies('warm-pool:options');
  await using fixture = await pooling({ cpus: 1, 'pool-max': 5 });
  await fixture.clock.advance(10 * minute);
  assert.deepEqual(fixture.driver.starts, []);
});

test('so many are ready, a session gets one of them, and the next one takes its place', async () => {
  verifies('warm-pool:options', 'warm-pool:claim');
  await using fixture = await pooling({ 'pool-min': 2 });
  const before = readyIn(fixture);
  assert.equal(before.length, 2);
  await fixture.clock.advance(60 * minute);

  const lease = await fixture.call('s1');

  assert.equal(lease.sandboxId, before[0]);
  assert.equal(lease.hasStartedSandbox, true);
  assert.equal(lease.session.startedAtMs, fixture.clock.now());
  await fixture.clock.advance(1_000);
  assert.equal(readyIn(fixture).length, 2);
  assert.equal((await fixture.find('s1'))?.state, 'ready');
  assert.deepEqual(fixture.eventsNamed('poolAsked'), [{ runtimeId: echo, version: 1, isHit: true }]);
});

test('of many sessions at once each has a sandbox of its own, from the pool or not', async () => {
  verifies('warm-pool:never-shared', 'warm-pool:claim');
  await using fixture = await pooling({ 'pool-min': 3 });
  const pooled = readyIn(fixture);
  const leases = await Promise.all(Array.from({ length: 8 }, (_, at) => fixture.call(`s${at}`)));
  const used = leases.map(({ sandboxId }) => sandboxId);
  assert.equal(new Set(used).size, 8);
  assert.equal(used.filter((id) => pooled.includes(id)).length, 3);
});

test('pool=auto keeps as many ready as began in the busiest ten seconds, at most pool-max, and forgets', async () => {
  verifies('warm-pool:options');
  await using fixture = await pooling({ pool: 'auto', 'pool-max': 4 });
  assert.equal(readyIn(fixture).length, 0);
  for (const name of ['s1', 's2', 's3']) await fixture.call(name);
  await fixture.clock.advance(1_000);
  assert.equal(readyIn(fixture).length, 3);
  for (const name of ['s4', 's5', 's6']) await fixture.call(name);
  await fixture.clock.advance(1_000);
  assert.equal(readyIn(fixture).length, 4);

  await fixture.clock.advance(11 * minute);
  assert.equal(readyIn(fixture).length, 0);
  assert.ok(fixture.eventsNamed('pooledRetired').length >= 4);
});

test('options of a pool have to make sense', () => {
  verifies('warm-pool:options');
  for (const tags of [{ 'berth:pool-min': '-1' }, { 'berth:pool': 'yes' }, { 'berth:pool-frozen': '2' }])
    assert.throws(() => parseSandboxOptions(tags), { code: 'validation' });
});

test('an agent that does not start is tried later and later, one at a time, and the reason is shown', async () => {
  verifies('warm-pool:no-stampede');
  const fixture = timelessFixture({
    image: () => Promise.reject(new BerthError('runtime-client-error', 'no program')),
  });
  await using _ = await pooling({ 'pool-min': 5 }, fixture);
  assert.equal(fixture.driver.starts.length, 1);
  await fixture.clock.advance(1_000);
  assert.equal(fixture.driver.starts.length, 2);
  await fixture.clock.advance(1_000);
  assert.equal(fixture.driver.starts.length, 2);
  await fixture.clock.advance(60 * minute);
  const { length: starts } = [...fixture.driver.starts];
  assert.ok(starts < 25, `${starts} starts in an hour`);
  assert.match(fixture.registry.pool?.view()[0]?.problem ?? '', /no program/);

  fixture.driver.image = () => ({});
  await fixture.clock.advance(6 * minute);
  assert.equal(readyIn(fixture).length, 5);
  assert.equal(fixture.registry.pool?.view()[0]?.problem, undefined);
});

test('starts of a pool wait for those of sessions', async () => {
  verifies('warm-pool:no-stampede');
  const fixture = timelessFixture({ startsInFlight: 2 });
  fixture.probe.usual = failing;
  await using _ = await pooling({ 'pool-min': 10 }, fixture);
  assert.equal(fixture.driver.starts.length, 1);
  const calls = ['s1', 's2', 's3'].map((name) => fixture.call(name).catch(() => {}));
  await fixture.clock.settle();
  assert.equal(fixture.driver.starts.length, 2);
  // A place is kept from the others for five seconds at most; the sessions' come first.
  await fixture.clock.advance(5_000);
  assert.equal(fixture.driver.starts.length, 4);
  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: undefined };
  await fixture.clock.advance(1_000);
  await Promise.all(calls);
  assert.equal(fixture.registry.liveCount, 3);
});

test('what died, became unhealthy or too old is replaced, and never claimed', async () => {
  verifies('warm-pool:proven');
  await using fixture = await pooling({ 'pool-min': 1 });
  const [dead] = readyIn(fixture);
  assert.ok(dead);
  await fixture.driver.exit(dead);
  await fixture.clock.settle();
  const [ill] = readyIn(fixture);
  const host = fixture.driver.sandboxes[0]?.address.host ?? '';
  fixture.probe.byHost.set(host, failing);
  await fixture.clock.advance(12_000);
  // Not known to be well, and not given up yet: a session does not get it.
  const lease = await fixture.call('s1');
  assert.notEqual(lease.sandboxId, ill);
  await fixture.clock.advance(10_000);
  const [old] = readyIn(fixture);
  assert.notEqual(old, ill);
  await fixture.clock.advance(8 * 60 * minute);
  assert.notEqual(readyIn(fixture)[0], old);
  const reasons = fixture.eventsNamed('pooledRetired').map((event) => (event as { reason: string }).reason);
  assert.deepEqual(reasons, ['ended', 'unhealthy', 'expired']);
  assert.equal(fixture.driver.sandboxes.length, 1);
});

test('a new version, other options, and no endpoint end what is pooled', async () => {
  verifies('warm-pool:drained');
  await using fixture = await pooling({ 'pool-min': 2 });
  const first = readyIn(fixture);
  fixture.targets.addVersion(echo, 2);
  const lease = await fixture.call('s1');
  await fixture.clock.advance(minute);
  assert.equal(lease.version.version, 2);
  const second = readyIn(fixture);
  assert.equal(second.filter((id) => first.includes(id)).length, 0);

  fixture.targets.setOptions(echo, { 'pool-min': 2, memory: 2 ** 29 });
  await fixture.clock.advance(minute);
  assert.equal(readyIn(fixture).filter((id) => second.includes(id)).length, 0);
  assert.equal(fixture.driver.starts.at(-1)?.limits.memoryBytes, 2 ** 29);

  fixture.targets.remove(echo);
  await fixture.registry.endAll(echo);
  await fixture.clock.settle();
  assert.deepEqual(fixture.driver.sandboxes, []);
  assert.deepEqual(await fixture.pooled.listOwned('server-a'), []);
});

test('a sandbox that had a session ends with it', async () => {
  verifies('warm-pool:not-reused');
  await using fixture = await pooling({ 'pool-min': 1 });
  const { sandboxId } = await fixture.call('s1');
  await fixture.stop('s1');
  await fixture.clock.settle();
  assert.equal(fixture.driver.sandboxes.map(({ id }) => id).includes(sandboxId), false);
  assert.equal(readyIn(fixture).includes(sandboxId), false);
});

test('frozen members are woken for a session, and one that does not answer then is not used', async () => {
  verifies('warm-pool:frozen');
  await using fixture = await pooling({ 'pool-min': 2, 'pool-frozen': true });
  const [ill, well] = fixture.driver.sandboxes;
  assert.ok(ill && well);
  assert.equal(
    (await fixture.driver.list()).every(({ isPaused }) => isPaused),
    true,
  );
  await fixture.clock.advance(60 * minute);
  assert.equal(readyIn(fixture).length, 2);
  fixture.probe.byHost.set(ill.address.host, failing);

  const lease = await fixture.call('s1');

  assert.equal(lease.sandboxId, well.id);
  await fixture.clock.settle();
  const found = await fixture.driver.list();
  assert.equal(found.find(({ id }) => id === well.id)?.isPaused, false);
  assert.equal(
    found.some(({ id }) => id === ill.id),
    false,
  );
});

test('an engine that thaws nothing just now costs a pool one member, not all', async () => {
  verifies('warm-pool:frozen', 'sessions:engine-outage');
  await using fixture = await pooling({ 'pool-min': 3, 'pool-frozen': true });
  fixture.driver.resume = () => Promise.reject(new BerthError('unavailable', 'containerd does not answer.'));
  const lease = await fixture.call('s1');
  assert.equal(lease.hasStartedSandbox, true);
  await fixture.clock.settle();
  assert.equal(fixture.eventsNamed('pooledRetired').length, 1);
});

test('one that is just being frozen is removed when that is done, or it would not hear its SIGTERM', async () => {
  verifies('warm-pool:frozen');
  const fixture = timelessFixture();
  const frozen = Promise.withResolvers<void>();
  fixture.driver.pause = () => frozen.promise;
  await using _ = await pooling({ 'pool-min': 1, 'pool-frozen': true }, fixture);
  const drained = fixture.registry.endAll(echo);
  await fixture.clock.settle();
  assert.deepEqual(fixture.driver.removals, []);
  frozen.resolve();
  await drained;
  assert.equal(fixture.driver.removals.length, 1);
});

test('after kill -9 what was pooled is pooled again; what was half made is swept away', async () => {
  verifies('warm-pool:adoption');
  const fixture = timelessFixture();
  await using _ = await pooling({ 'pool-min': 2, 'pool-frozen': true }, fixture);
  const before = readyIn(fixture);
  fixture.probe.usual = failing;
  fixture.targets.setOptions(echo, { 'pool-min': 3, 'pool-frozen': true });
  await fixture.clock.settle();
  assert.equal(fixture.driver.sandboxes.length, 3);
  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: undefined };

  await fixture.restart();
  await fixture.clock.settle();

  const after = readyIn(fixture);
  assert.deepEqual(after.slice(0, 2), before);
  assert.equal(after.length, 3);
  assert.deepEqual(fixture.driver.sandboxes.map(({ id }) => id).toSorted(), [...after].toSorted());
  assert.equal((await fixture.call('s1')).sandboxId, before[0]);
});

test('after a handover that failed what is pooled and not wanted any more is swept', async () => {
  verifies('warm-pool:handover');
  await using fixture = await pooling({ 'pool-min': 2 });
  await fixture.registry.pause();
  fixture.targets.options.set(echo, { 'pool-min': 0 });
  await fixture.registry.resume();
  await fixture.clock.advance(4 * minute);
  assert.deepEqual(readyIn(fixture), []);
  assert.deepEqual(fixture.driver.sandboxes, []);
});

test('after a handover that failed what is pooled is taken over again, also when the engine does not say at once what runs', async () => {
  verifies('warm-pool:handover');
  await using fixture = await pooling({ 'pool-min': 2 });
  const before = readyIn(fixture);
  const { driver, registry } = fixture;
  const list = driver.list.bind(driver);
  await registry.pause();
  let asked = 0;
  // Sessions ask twice, then the pool.
  driver.list = () => ((asked += 1) < 3 ? list() : Promise.reject(new Error('The engine is busy.')));
  await registry.resume();
  await fixture.clock.advance(4 * minute);
  assert.ok(fixture.eventsNamed('poolWorkDelayed').length > 0);
  driver.list = list;
  await fixture.clock.advance(minute);
  assert.deepEqual(readyIn(fixture), before);
  assert.equal(driver.starts.length, 2);
});

test('a pooled sandbox that the other server made a session of is that, after a handover that failed', async () => {
  verifies('warm-pool:handover', 'warm-pool:never-shared');
  await using fixture = await pooling({ 'pool-min': 1 });
  const [pooled] = readyIn(fixture);
  const old = fixture.registry;
  await old.pause();
  fixture.registry = fixture.newRegistry();
  await fixture.registry.recover();
  await fixture.registry.takeCharge();
  await fixture.clock.advance(1);
  assert.equal((await fixture.call('s1')).sandboxId, pooled);
  await fixture.registry[Symbol.asyncDispose]();
  fixture.registry = old;
  await old.resume();
  await fixture.clock.advance(4 * minute);
  assert.equal((await fixture.call('s1')).sandboxId, pooled);
  assert.equal(readyIn(fixture).includes(pooled ?? ('' as never)), false);
});

test('a server that dies right after a claim finds the sandbox with its session, and not in the pool', async () => {
  verifies('warm-pool:never-shared', 'warm-pool:adoption');
  await using fixture = await pooling({ 'pool-min': 1 });
  const [pooled] = readyIn(fixture);
  const claiming = fixture.acquire('s1').catch(() => {});
  // The write is done, and nothing else of the start.
  while ((await fixture.find('s1')) === undefined) await Promise.resolve();
  await fixture.restart();
  await claiming;
  assert.equal((await fixture.call('s1')).sandboxId, pooled);
  assert.equal(readyIn(fixture).includes(pooled ?? ('' as never)), false);
});

test('a claim that cannot be written gives the sandbox to nobody', async () => {
  verifies('warm-pool:never-shared');
  await using fixture = await pooling({ 'pool-min': 1 });
  const [pooled] = readyIn(fixture);
  fixture.store.failure = new Error('disk full');
  await assert.rejects(fixture.call('s1'), /disk full/);
  fixture.store.failure = undefined;
  await fixture.clock.settle();
  assert.equal(
    fixture.driver.sandboxes.some(({ id }) => id === pooled),
    false,
  );
});

test('pooled sandboxes are given up when asked for, and not started again for a while', async () => {
  verifies('warm-pool:gives-way');
  await using fixture = await pooling({ 'pool-min': 3 });
  assert.equal(await fixture.registry.giveUpPooled(2), 2);
  await fixture.clock.advance(50_000);
  assert.equal(readyIn(fixture).length, 1);
  await fixture.clock.advance(20_000);
  assert.equal(readyIn(fixture).length, 3);
});

test('pooled sandboxes take no place that a session could have', async () => {
  verifies('warm-pool:gives-way');
  const fixture = timelessFixture({ changes: { activeSessions: 4 } });
  await using _ = await pooling({ 'pool-min': 3 }, fixture);
  fixture.targets.addVersion(echo, 2);
  await fixture.call('s1');
  for (const name of ['s2', 's3', 's4']) await fixture.call(name);
  await fixture.clock.advance(minute);
  assert.equal(fixture.registry.liveCount, 4);
  assert.equal(fixture.driver.sandboxes.length, 4);
  await assert.rejects(fixture.call('s5'), { code: 'quota-exceeded' });
});
