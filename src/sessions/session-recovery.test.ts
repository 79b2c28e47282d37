import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import type { SandboxId } from '../shared/ids.ts';
import { ProbeFailure } from './agent-probe.ts';
import { echo, timelessFixture } from './testing/sessions-fixture.ts';

const minute = 60_000;

test('after kill -9 live sandboxes answer for their sessions again, and their exits are seen', async () => {
  verifies('sessions:adoption');
  await using fixture = timelessFixture();
  const before = await fixture.call('s1');
  await fixture.call('s2');
  await fixture.restart();

  assert.equal(fixture.eventsNamed('sessionAdopted').length, 2);
  const after = await fixture.call('s1');
  assert.deepEqual([after.sandboxId, after.session.incarnation], [before.sandboxId, 1]);
  assert.equal(fixture.driver.starts.length, 2);

  await fixture.driver.exit(after.sandboxId);
  await fixture.clock.settle();
  assert.equal((await fixture.find('s1'))?.endReason, 'crashed');
});

test('an agent that died meanwhile, or a sandbox that is gone, ends its session', async () => {
  verifies('sessions:adoption', 'sessions:crash');
  await using fixture = timelessFixture();
  const crashed = await fixture.call('crashed');
  const lost = await fixture.call('lost');
  // The old registry is as good as dead: it does not get to hear of it.
  await fixture.registry[Symbol.asyncDispose]();
  await fixture.driver.exit(crashed.sandboxId);
  await fixture.driver.vanish(lost.sandboxId);
  await fixture.restart();
  await fixture.clock.settle();

  assert.equal((await fixture.find('crashed'))?.endReason, 'crashed');
  assert.equal((await fixture.find('lost'))?.endReason, 'lost');
  assert.deepEqual(fixture.driver.sandboxes, []);
  assert.equal((await fixture.call('lost')).session.incarnation, 2);
});

test('no call reaches a sandbox whose agent died before the restart: the next one has a new sandbox', async () => {
  verifies('sessions:adoption', 'sessions:crash');
  await using fixture = timelessFixture();
  const before = await fixture.call('crashed');
  await fixture.registry[Symbol.asyncDispose]();
  await fixture.driver.exit(before.sandboxId);
  // The word of an end takes a while on a busy machine.
  const waitForExit = fixture.driver.waitForExit.bind(fixture.driver);
  fixture.driver.waitForExit = async (...args) => {
    const exit = await waitForExit(...args);
    await fixture.clock.settle();
    return exit;
  };
  await fixture.restart();
  const after = await fixture.call('crashed');
  assert.notEqual(after.sandboxId, before.sandboxId);
  assert.equal(after.session.incarnation, 2);
});

test('what expired while no server ran is ended at the start, but not what is busy', async () => {
  verifies('sessions:expired-meanwhile', 'sessions:max-lifetime');
  await using fixture = timelessFixture();
  await fixture.call('idle');
  const busy = await fixture.call('busy');
  await fixture.clock.advance(minute);
  await fixture.registry[Symbol.asyncDispose]();
  await fixture.clock.advance(20 * minute);
  fixture.probe.byHost.set(busy.address.host, { status: 'HealthyBusy', lastUpdatedAtMs: undefined });
  await fixture.restart();
  await fixture.clock.advance(0);

  assert.equal((await fixture.find('idle'))?.endReason, 'idle');
  assert.equal((await fixture.find('busy'))?.state, 'ready');

  await fixture.registry[Symbol.asyncDispose]();
  await fixture.clock.advance(8 * 60 * minute);
  await fixture.restart();
  await fixture.clock.advance(0);
  assert.equal((await fixture.find('busy'))?.endReason, 'max-lifetime');
});

test('activity is on disk a second later, also that of a call that is still running', async () => {
  verifies('sessions:activity-written-behind', 'sessions:expired-meanwhile');
  await using fixture = timelessFixture();
  const lease = await fixture.acquire('s1');
  await fixture.clock.advance(30 * minute);
  const session = await fixture.find('s1');
  assert.ok(session);
  assert.ok(fixture.clock.now() - session.lastActivityAtMs <= 1_000);

  await fixture.restart();
  await fixture.clock.advance(10 * minute);
  assert.equal((await fixture.find('s1'))?.state, 'ready');
  lease.release();
});

test('a start that a killed server left half done is finished, or fails in the rest of its time', async () => {
  verifies('sessions:adoption');
  await using fixture = timelessFixture();
  fixture.probe.usual = new ProbeFailure('unreachable', 'ECONNREFUSED');
  fixture.acquire('good').catch(() => {});
  fixture.acquire('bad').catch(() => {});
  await fixture.clock.advance(10_000);
  await fixture.restart();
  const [good] = fixture.driver.sandboxes;
  assert.ok(good);
  fixture.probe.byHost.set(good.address.host, { status: 'Healthy', lastUpdatedAtMs: undefined });
  await fixture.clock.advance(1_000);
  assert.equal((await fixture.call('good')).sandboxId, good.id);

  await fixture.clock.advance(60_000);
  const refused = assert.rejects(fixture.acquire('bad'), /Nothing listens on port 8080/);
  await fixture.clock.advance(49_000);
  await refused;
  assert.equal((await fixture.find('bad'))?.endReason, 'failed-to-start');
});

test('a stop that a killed server left half done is finished', async () => {
  verifies('sessions:adoption');
  await using fixture = timelessFixture();
  await fixture.call('s1');
  fixture.driver.failure = new BerthError('unavailable', 'containerd does not answer.');
  fixture.stop('s1').catch(() => {});
  await fixture.clock.settle();
  await fixture.registry[Symbol.asyncDispose]();
  fixture.driver.failure = undefined;
  await fixture.restart();
  await fixture.clock.settle();
  assert.deepEqual(
    [(await fixture.find('s1'))?.state, (await fixture.find('s1'))?.endReason],
    ['ended', 'stopped'],
  );
  assert.deepEqual(fixture.driver.sandboxes, []);
});

test('a sweep at start and every few minutes removes what belongs to no session, and counts it', async () => {
  verifies('sessions:sweep');
  await using fixture = timelessFixture();
  await fixture.call('s1');
  await stranger(fixture, 'sb-stranger1');
  await fixture.restart();
  await fixture.clock.settle();
  assert.deepEqual(fixture.eventsNamed('sweepRepaired'), [{ container: 1 }]);
  assert.equal(fixture.driver.sandboxes.length, 1);

  await stranger(fixture, 'sb-stranger2');
  fixture.probe.usual = new ProbeFailure('unreachable', 'ECONNREFUSED');
  await fixture.clock.advance(2.8 * minute - 20_000);
  fixture.probe.usual = { status: 'HealthyBusy', lastUpdatedAtMs: undefined };
  await fixture.call('s1');
  fixture.probe.usual = new ProbeFailure('unreachable', 'ECONNREFUSED');
  fixture.acquire('starting').catch(() => {});
  await fixture.clock.advance(40_000);
  assert.deepEqual(fixture.driver.sandboxes.map(({ id }) => id).includes('sb-stranger2' as SandboxId), false);
  assert.equal((await fixture.find('starting'))?.state, 'starting');
});

test('an engine that does not answer for a while costs no session', async () => {
  verifies('sessions:engine-outage');
  await using fixture = timelessFixture();
  const before = await fixture.call('s1');
  fixture.driver.failure = new BerthError('unavailable', 'containerd does not answer.');
  await fixture.restart().catch(() => {});
  await fixture.clock.advance(minute);
  fixture.driver.failure = undefined;
  await fixture.restart();
  fixture.driver.failure = new BerthError('unavailable', 'containerd does not answer.');
  await fixture.clock.advance(minute);
  fixture.driver.failure = undefined;
  assert.equal((await fixture.call('s1')).sandboxId, before.sandboxId);
});

test('closing leaves ready sandboxes running and breaks off starts', async () => {
  verifies('sessions:shutdown');
  await using fixture = timelessFixture();
  const ready = await fixture.call('ready');
  fixture.probe.usual = new ProbeFailure('unreachable', 'ECONNREFUSED');
  const refused = assert.rejects(fixture.acquire('starting'), { code: 'unavailable' });
  await fixture.clock.advance(1_000);
  await fixture.registry[Symbol.asyncDispose]();
  await refused;
  assert.deepEqual(
    fixture.driver.sandboxes.map(({ id }) => id),
    [ready.sandboxId],
  );
  assert.equal((await fixture.find('ready'))?.state, 'ready');
});

async function stranger({ driver, targets }: ReturnType<typeof timelessFixture>, id: string): Promise<void> {
  const version = await targets.findVersion(echo, 1);
  assert.ok(version?.artifact.manifest);
  await driver.start({
    id: id as SandboxId,
    owner: { kind: 'runtime', accountId: '111122223333', region: 'us-east-1', runtimeId: echo, version: 1 },
    image: `sha256:${'0'.repeat(64)}`,
    environment: {},
    limits: { memoryBytes: 1, cpus: 1, pids: 1, diskBytes: 1 },
    isolation: 'runc',
    egress: { kind: 'default' },
    logFile: '/dev/null',
  });
}
