import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { verifies } from '../../test/requirements.ts';
import type { SandboxOptions } from '../runtimes/sandbox-options.ts';
import { roomyGate } from '../sandboxes/testing/roomy-gate.ts';
import { parseAllowedDestination } from '../shared/allowed-destination.ts';
import { BerthError } from '../shared/errors.ts';
import type { RuntimeId } from '../shared/ids.ts';
import { ProbeFailure } from './agent-probe.ts';
import { echo, sessionNamed, timelessFixture } from './testing/sessions-fixture.ts';

const unreachable = new ProbeFailure('unreachable', 'ECONNREFUSED');
const initialization =
  'Runtime initialization time exceeded. Please make sure that initialization completes in 120s.';

test('50 concurrent first calls of one id start one sandbox; 50 ids start 50', async () => {
  verifies('sessions:one-sandbox');
  await using fixture = timelessFixture();
  const leases = await Promise.all(Array.from({ length: 50 }, () => fixture.acquire('same')));
  assert.equal(fixture.driver.starts.length, 1);
  assert.equal(new Set(leases.map((lease) => lease.sandboxId)).size, 1);

  await Promise.all(Array.from({ length: 50 }, (_, index) => fixture.call(`id-${index}`)));
  assert.equal(fixture.driver.starts.length, 51);
});

test('the same id on two runtimes is two sessions', async () => {
  verifies('sessions:one-sandbox');
  await using fixture = timelessFixture();
  const other = 'other-AbCdEf1234' as RuntimeId;
  fixture.targets.addVersion(other, 1);
  const one = await fixture.call('same');
  const two = await fixture.call('same', { runtimeId: other });
  assert.notEqual(one.sandboxId, two.sandboxId);
});

test('the first call fixes the version, whatever qualifier comes later and wherever the endpoint moves', async () => {
  verifies('sessions:fixed-version', 'sessions:restart-clean');
  await using fixture = timelessFixture();
  const first = await fixture.call('s1');
  fixture.targets.addVersion(echo, 2);
  fixture.targets.point(echo, 'prod', 2);

  const later = await fixture.call('s1', { qualifier: 'prod' });
  assert.deepEqual(
    [later.sandboxId, later.version.version, later.session.endpoint],
    [first.sandboxId, 1, 'DEFAULT'],
  );

  await fixture.stop('s1');
  const again = await fixture.call('s1', { qualifier: 'prod' });
  assert.notEqual(again.sandboxId, first.sandboxId);
  assert.deepEqual(
    [again.version.version, again.session.endpoint, again.session.incarnation],
    [2, 'prod', 2],
  );
});

test('an unknown qualifier is refused, live session or not, and starts nothing', async () => {
  verifies('sessions:unknown-qualifier');
  await using fixture = timelessFixture();
  await assert.rejects(fixture.acquire('s1', { qualifier: 'nope' }), { code: 'not-found' });
  assert.equal(fixture.driver.starts.length, 0);
  await fixture.call('s1');
  await assert.rejects(fixture.acquire('s1', { qualifier: 'nope' }), { code: 'not-found' });
});

test('a call that meets a start waits for it, and gets 409 when that takes too long', async () => {
  verifies('sessions:wait-for-transition', 'sessions:readiness');
  await using fixture = timelessFixture();
  fixture.probe.usual = unreachable;
  const first = fixture.acquire('s1');
  const patient = fixture.acquire('s1');
  await fixture.clock.advance(20_000);
  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: undefined };
  await fixture.clock.advance(1_000);
  assert.equal((await first).sandboxId, (await patient).sandboxId);

  fixture.probe.usual = unreachable;
  const starting = fixture.acquire('s2');
  const waiting = fixture.acquire('s2');
  const refused = assert.rejects(waiting, {
    code: 'retryable-conflict',
    message: 'Session operation in progress, please retry',
  });
  await fixture.clock.advance(60_000);
  await refused;
  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: undefined };
  await fixture.clock.advance(1_000);
  (await starting).release();
});

test('a call that meets a stop waits, and then starts clean', async () => {
  verifies('sessions:wait-for-transition', 'sessions:restart-clean');
  const stopping = Promise.withResolvers<void>();
  await using fixture = timelessFixture({ image: () => ({ onStop: () => stopping.promise }) });
  const before = await fixture.call('s1');
  const stopped = fixture.stop('s1');
  const next = fixture.acquire('s1');
  await fixture.clock.settle();
  assert.equal(fixture.driver.starts.length, 1);

  stopping.resolve();
  await stopped;
  assert.notEqual((await next).sandboxId, before.sandboxId);
});

test('a start goes on when its caller goes away', async () => {
  verifies('sessions:caller-leaves-start');
  await using fixture = timelessFixture();
  fixture.probe.usual = unreachable;
  const caller = new AbortController();
  const first = fixture.acquire('s1', { signal: caller.signal });
  const gone = assert.rejects(first, /went away/);
  await fixture.clock.advance(1_000);
  caller.abort(new Error('The caller went away.'));
  await gone;

  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: undefined };
  await fixture.clock.advance(1_000);
  assert.equal((await fixture.find('s1'))?.state, 'ready');
  await fixture.call('s1');
  assert.equal(fixture.driver.starts.length, 1);
});

test('a process that exits fails the start at once, with its exit code, for all who wait', async () => {
  verifies(
    'sessions:start-fails',
    'sessions:start-fails-at-once',
    'sessions:failed-start-leaves-nothing',
    'sessions:log-for-operator',
  );
  await using fixture = timelessFixture();
  fixture.probe.usual = unreachable;
  const refusals = ['a', 'b'].map(() =>
    assert.rejects(fixture.acquire('s1'), {
      code: 'runtime-client-error',
      message: `${initialization} The agent's process exited with code 3 before it answered GET /ping on port 8080.`,
    }),
  );
  await fixture.clock.settle();
  await exitOnly(fixture, { exitCode: 3 });
  await Promise.all(refusals);
  assert.deepEqual(fixture.driver.sandboxes, []);
  const [failure] = fixture.eventsNamed('startFailed');
  assert.deepEqual((failure as { logLines: unknown }).logLines, ['last line']);
  assert.equal((await fixture.find('s1'))?.endReason, 'failed-to-start');

  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: undefined };
  assert.equal((await fixture.call('s1')).session.incarnation, 2);
});

test('out of memory during the start is told', async () => {
  verifies('sessions:start-fails');
  await using fixture = timelessFixture();
  fixture.probe.usual = unreachable;
  const refused = assert.rejects(fixture.acquire('s1'), /ran out of memory \(exit code 137\)/);
  await fixture.clock.settle();
  await exitOnly(fixture, { exitCode: 137, outOfMemory: true });
  await refused;
});

test('after 120 s of silence the caller is told what is wrong, with the port that is open instead', async () => {
  verifies('sessions:start-fails', 'sessions:start-fails-at-once', 'sessions:failed-start-leaves-nothing');
  await using fixture = timelessFixture();
  fixture.probe.usual = unreachable;
  fixture.probe.open = [3000];
  const refused = assert.rejects(fixture.acquire('s1'), {
    code: 'runtime-client-error',
    message: `${initialization} Nothing listens on port 8080 of the container; an agent of protocol HTTP must listen on 0.0.0.0:8080. It listens on port 3000 instead: change the agent's port, or the runtime's protocol.`,
  });
  await fixture.clock.advance(119_000);
  assert.equal(fixture.driver.sandboxes.length, 1);
  await fixture.clock.advance(1_000);
  await refused;
  assert.deepEqual(fixture.driver.sandboxes, []);
});

test('an agent that answers /ping with garbage is asked until the time is out', async () => {
  verifies('sessions:start-fails', 'sessions:readiness');
  await using fixture = timelessFixture();
  fixture.probe.usual = new ProbeFailure('bad-answer', 'status 500');
  const refused = assert.rejects(
    fixture.acquire('s1'),
    /GET \/ping did not answer with a 2xx status: status 500/,
  );
  await fixture.clock.advance(120_000);
  await refused;
});

test("an image that cannot be started is the caller's to know; an engine that is away is not the agent's fault", async () => {
  verifies('sessions:start-fails', 'sessions:failed-start-leaves-nothing');
  await using fixture = timelessFixture();
  fixture.driver.failure = new BerthError(
    'runtime-client-error',
    'The entrypoint /app/start does not exist.',
  );
  await assert.rejects(fixture.acquire('s1'), {
    code: 'runtime-client-error',
    message: `${initialization} The entrypoint /app/start does not exist.`,
  });
  // The engine has not said yet that nothing is left of it.
  fixture.driver.failure = undefined;
  await fixture.clock.advance(1_000);
  assert.equal((await fixture.find('s1'))?.state, 'ended');

  fixture.driver.failure = new BerthError('unavailable', 'containerd does not answer.');
  await assert.rejects(fixture.acquire('s1'), { code: 'unavailable' });
  const next = fixture.call('s1');
  await fixture.clock.advance(5_000);
  assert.equal((await fixture.find('s1'))?.state, 'stopping');
  fixture.driver.failure = undefined;
  await fixture.clock.advance(10_000);
  assert.equal((await next).session.incarnation, 3);
});

test('agents that do not come up keep nobody else waiting for longer than a few seconds', async () => {
  verifies('sandboxes:admission-in-flight');
  await using fixture = timelessFixture({ startsInFlight: 2 });
  fixture.probe.usual = unreachable;
  const silent = ['a', 'b', 'c'].map((id) => assert.rejects(fixture.acquire(id), /Nothing listens/));
  await fixture.clock.settle();
  assert.equal(fixture.driver.starts.length, 2);
  await fixture.clock.advance(5_000);
  assert.equal(fixture.driver.starts.length, 3);
  await fixture.clock.advance(125_000);
  await Promise.all(silent);
});

test('starts that take longer than a place is held for are learned from all the same', async () => {
  verifies('bursts:adaptive');
  const clock = new FakeClock();
  const gate = roomyGate({ clock, startsInFlight: 4, cpus: 4 });
  await using fixture = timelessFixture({ changes: { gate, clock } });
  const healthy = fixture.probe.usual;
  const startIn = async (seconds: number, session: string) => {
    fixture.probe.usual = unreachable;
    const call = fixture.call(session);
    await clock.advance(seconds * 1_000);
    fixture.probe.usual = healthy;
    await clock.advance(1_000);
    await call;
  };

  await startIn(0, 'quick');
  assert.equal(gate.limit, 4);
  for (const session of ['a', 'b', 'c']) await startIn(30, session);

  assert.ok(gate.limit < 4, `${gate.limit} may start at once`);
});

test('more live sessions than the quota are refused with 402, and start nothing; live ones go on', async () => {
  verifies('sessions:active-quota');
  await using fixture = timelessFixture({ changes: { activeSessions: 1 } });
  await fixture.call('s1');
  await assert.rejects(fixture.acquire('s2'), { code: 'quota-exceeded' });
  assert.equal(fixture.driver.starts.length, 1);
  await fixture.call('s1');
  await fixture.stop('s1');
  await fixture.call('s2');
});

test('only new sessions count against their rate', async () => {
  verifies('sessions:new-session-rate');
  let taken = 0;
  const takeNewSession = () => {
    taken += 1;
    if (taken > 1) throw new BerthError('throttled', 'Rate exceeded.');
  };
  await using fixture = timelessFixture({ changes: { takeNewSession } });
  await fixture.call('s1');
  await fixture.call('s1');
  await assert.rejects(fixture.acquire('s2'), { code: 'throttled' });
  assert.equal(fixture.driver.starts.length, 1);
});

test('a session that another server leases cannot be started here', async () => {
  verifies('sessions:ownership');
  await using fixture = timelessFixture();
  await fixture.call('s1');
  await using other = timelessFixture({
    changes: { holder: 'server-b', store: fixture.store, clock: fixture.clock },
  });
  await assert.rejects(other.acquire('s1'), { code: 'retryable-conflict' });
  assert.equal(other.driver.starts.length, 0);
});

test('a session id is not in the environment, and the container gets what its version declares', async () => {
  verifies('sessions:environment');
  await using fixture = timelessFixture();
  fixture.targets.addVersion(echo, 2, { environment: { GREETING: 'hi' } });
  await fixture.call('s1');
  const [spec] = fixture.driver.starts;
  assert.deepEqual(spec?.environment, { GREETING: 'hi' });
  assert.ok(!JSON.stringify(spec).includes(sessionNamed('s1')));
});

async function exitOnly(
  fixture: ReturnType<typeof timelessFixture>,
  exit: { exitCode: number; outOfMemory?: boolean },
) {
  const [sandbox] = fixture.driver.sandboxes;
  assert.ok(sandbox);
  await fixture.driver.exit(sandbox.id, exit);
}

test("a sandbox has the isolation and the size that its runtime's options say, and the server's for the rest", async () => {
  verifies('sandbox-options:size', 'sandbox-options:isolation');
  await using fixture = timelessFixture();
  fixture.targets.options.set(echo, { isolation: 'gvisor', memory: 2 ** 28, cpus: 0.5 });
  await fixture.call('s1');
  const [spec] = fixture.driver.starts;
  assert.equal(spec?.isolation, 'gvisor');
  assert.deepEqual(spec?.limits, { memoryBytes: 2 ** 28, cpus: 0.5, pids: 100, diskBytes: 2 ** 30 });
  fixture.targets.options.delete(echo);
  await fixture.call('s2');
  assert.equal(fixture.driver.starts[1]?.isolation, 'runc');
  assert.equal(fixture.driver.starts[1]?.limits.memoryBytes, 2 ** 30);
});

test("a sandbox may reach what its runtime's options say, or its version's network, or as the server's usual", async () => {
  verifies('network:options', 'network:vpc');
  await using fixture = timelessFixture();
  const destinations = [parseAllowedDestination('a.example'), parseAllowedDestination('203.0.113.7')].filter(
    (destination) => destination !== undefined,
  );
  const startWith = async (options: SandboxOptions, session: string) => {
    fixture.targets.options.set(echo, options);
    await fixture.call(session);
    return fixture.driver.starts.at(-1)?.egress;
  };
  assert.deepEqual(await startWith({}, 's1'), { kind: 'default' });
  assert.deepEqual(await startWith({ egress: 'off' }, 's2'), { kind: 'off' });
  assert.deepEqual(await startWith({ egress: 'on' }, 's3'), { kind: 'on' });
  assert.deepEqual(
    await startWith({ egress: destinations.slice(0, 1), 'egress-3': destinations.slice(1) }, 's4'),
    { kind: 'allow-list', destinations },
  );

  fixture.targets.addVersion(echo, 2, { network: { subnets: ['10.0.0.2'], securityGroups: [] } });
  const network = { kind: 'network', rules: [], nameservers: ['10.0.0.2'] };
  assert.deepEqual(await startWith({}, 's5'), network);
  assert.deepEqual(await startWith({ egress: 'off' }, 's6'), { kind: 'off' });
  await assert.rejects(startWith({ egress: 'on' }, 's7'), { code: 'validation' });
});
