import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import { ProbeFailure } from './agent-probe.ts';
import { asleep, hibernating, minute } from './testing/hibernation-fixture.ts';
import { echo, sessionNamed, timelessFixture } from './testing/sessions-fixture.ts';

type Fixture = ReturnType<typeof timelessFixture>;

/** Whom an address belongs to, as `session incarnation`. */
function ownerOf({ registry }: Pick<Fixture, 'registry'>, host: string): string | undefined {
  const found = registry.byAddress.find(host);
  return found && `${found.session.id.replace(/-+$/, '')} ${found.session.incarnation}`;
}

const hostOf = ({ driver }: Pick<Fixture, 'driver'>, at = -1) =>
  driver.sandboxes.at(at)?.address.host ?? assert.fail('no sandbox');

test('an address belongs to the session of the sandbox that has it, while its agent starts as well', async () => {
  verifies('role:by-address', 'role:own-sandbox');
  await using fixture = timelessFixture();
  fixture.probe.usual = new ProbeFailure('unreachable', 'ECONNREFUSED');
  const starting = fixture.acquire('s1');
  await fixture.clock.settle();
  assert.equal(ownerOf(fixture, hostOf(fixture)), 's1 1');

  fixture.probe.usual = { status: 'Healthy', lastUpdatedAtMs: undefined };
  await fixture.clock.advance(1_000);
  const { address, sandboxId } = await starting;
  const other = await fixture.acquire('s2');

  const found = fixture.registry.byAddress.find(address.host);
  assert.deepEqual(
    [found?.session.id, found?.sandboxId, found?.version.runtimeId],
    [sessionNamed('s1'), sandboxId, echo],
  );
  assert.equal(ownerOf(fixture, other.address.host), 's2 1');
  assert.equal(ownerOf(fixture, '10.0.0.1'), undefined);
});

test("it is nobody's from the moment in which the end of its session begins", async () => {
  verifies('role:ended');
  const whileEnding: unknown[] = [];
  await using fixture: Fixture = timelessFixture({
    image: (_spec, host) => ({ onStop: async () => void whileEnding.push(ownerOf(fixture, host)) }),
  });
  const { address } = await fixture.call('s1');
  assert.equal(ownerOf(fixture, address.host), 's1 1');

  await fixture.stop('s1');

  assert.deepEqual(whileEnding, [undefined]);
  assert.equal(ownerOf(fixture, address.host), undefined);
  const again = await fixture.call('s1');
  assert.equal(ownerOf(fixture, again.address.host), 's1 2');
  assert.equal(ownerOf(fixture, address.host), undefined);
});

test('nor is it that of a session whose start has failed', async () => {
  verifies('role:ended');
  const whileEnding: unknown[] = [];
  await using fixture: Fixture = timelessFixture({
    image: (_spec, host) => ({ onStop: async () => void whileEnding.push(ownerOf(fixture, host)) }),
  });
  fixture.probe.usual = new ProbeFailure('unreachable', 'ECONNREFUSED');
  const starting = assert.rejects(fixture.acquire('s1'));
  await fixture.clock.settle();
  const host = hostOf(fixture);
  await fixture.clock.advance(121_000);
  await starting;

  assert.deepEqual(whileEnding, [undefined]);
  assert.equal(ownerOf(fixture, host), undefined);
});

test('an agent that has ended by itself leaves nothing of its session to its address', async () => {
  verifies('role:ended');
  await using fixture = timelessFixture();
  const { address, sandboxId } = await fixture.call('s1');
  await fixture.driver.exit(sandboxId);
  await fixture.clock.settle();

  assert.equal(ownerOf(fixture, address.host), undefined);
});

test('a pooled sandbox belongs to no session until one claims it', async () => {
  verifies('role:pooled');
  await using fixture = timelessFixture();
  fixture.targets.setOptions(echo, { 'pool-min': 1 });
  await fixture.registry.takeCharge();
  await fixture.clock.advance(1_000);
  const host = hostOf(fixture);
  assert.equal(ownerOf(fixture, host), undefined);

  const { address } = await fixture.call('s1');

  assert.equal(address.host, host);
  assert.equal(ownerOf(fixture, host), 's1 1');
});

test('a session that goes to disk leaves its address behind, and has another one when it is back', async () => {
  verifies('role:ended');
  await using fixture = await hibernating();
  const onTheWay: unknown[] = [];
  const first = await fixture.call('s1');
  fixture.driver.hibernation.before = (step) => {
    if (step === 'park') onTheWay.push(ownerOf(fixture, first.address.host));
  };
  const before = await asleep(fixture);
  assert.deepEqual(onTheWay, [undefined]);
  assert.equal(ownerOf(fixture, before.address.host), undefined);

  await fixture.clock.advance(minute);
  const after = await fixture.call('s1');

  assert.equal(ownerOf(fixture, after.address.host), 's1 1');
  assert.equal(ownerOf(fixture, before.address.host), undefined);
});

test('what another server has ended, which decides now, has no address here', async () => {
  verifies('role:ended');
  await using fixture = timelessFixture();
  const { address, sandboxId } = await fixture.call('s1');

  fixture.registry.wasEnded(sandboxId, new BerthError('unavailable', 'The session has ended.'));

  assert.equal(ownerOf(fixture, address.host), undefined);
});

test("the next server knows the same, and what another server ends is nobody's here", async () => {
  verifies('role:lifetime', 'role:ended');
  await using fixture = timelessFixture();
  const { address } = await fixture.call('s1');
  await fixture.restart();
  assert.equal(ownerOf(fixture, address.host), 's1 1');

  const session = await fixture.find('s1');
  assert.ok(session);
  await fixture.store.update({ ...session, state: 'stopping', endReason: 'stopped' });
  const standby = fixture.newRegistry();
  standby.standBy();
  await standby.recover();

  assert.equal(ownerOf({ registry: standby }, address.host), undefined);
  await standby[Symbol.asyncDispose]();
});
