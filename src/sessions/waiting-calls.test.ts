import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import { asleep, hibernating, minute } from './testing/hibernation-fixture.ts';
import type { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeLog, type SessionsFixture, timelessFixture } from './testing/sessions-fixture.ts';

const engineIsAway = new BerthError('unavailable', 'containerd does not answer.');

/** A call that looks again and again without letting anything else happen would stop the whole server. */
function refuseToSpin(fixture: SessionsFixture<FakeClock>): void {
  const { targets } = fixture;
  const find = targets.find.bind(targets);
  let lookUps = 0;
  targets.find = (...asked) => {
    lookUps += 1;
    if (lookUps > 1_000) throw new Error('the call spins');
    return find(...asked);
  };
}

test('a call that comes while a failed start is written down waits', async () => {
  verifies('sessions:wait-for-transition', 'sessions:engine-outage');
  await using fixture = timelessFixture({
    image: () => {
      throw new BerthError('runtime-client-error', 'The image is broken.');
    },
  });
  const update = fixture.store.update.bind(fixture.store);
  fixture.store.update = async (session) => {
    await setImmediate();
    return update(session);
  };
  fixture.driver.remove = () => Promise.reject(engineIsAway);
  refuseToSpin(fixture);
  const first = assert.rejects(fixture.acquire('s1'), { code: 'runtime-client-error' });
  const isStopping = () => fixture.registry.overview()[0]?.state === 'stopping';
  for (let turn = 0; turn < 1_000 && !isStopping(); turn += 1) await Promise.resolve();
  assert.ok(isStopping());
  const caller = new AbortController();
  const second = assert.rejects(fixture.acquire('s1', { signal: caller.signal }), /leaves/);
  await first;
  caller.abort(new Error('The caller leaves.'));
  await second;
});

test('calls and stops do not wait for ever to learn which server decides', async () => {
  verifies('sessions:wait-for-transition', 'restart:taken-up-again');
  await using fixture = timelessFixture();
  await fixture.registry.recover();
  await fixture.registry.takeCharge();
  await fixture.registry.pause();
  fixture.driver.list = () => Promise.reject(engineIsAway);
  await fixture.registry.resume();
  const outcomes = [fixture.acquire('s1'), fixture.stop('s1'), fixture.registry.closePools()].map((call) =>
    assert.rejects(call, { code: 'unavailable', message: /nothing starts or stops meanwhile/ }),
  );
  await fixture.clock.advance(2 * minute);
  await Promise.all(outcomes);
});

test('a call that comes while a woken session is taken over waits', async () => {
  verifies('sessions:wait-for-transition', 'hibernation:crash');
  let opened: (() => void) | undefined;
  await using fixture = await hibernating('gvisor', {
    logs: {
      begin: async (_runtimeId, sandboxId) => {
        if (opened !== undefined) {
          opened();
          await setImmediate();
        }
        return new FakeLog(sandboxId);
      },
      end: () => {},
    },
  });
  await asleep(fixture);
  const { hibernation } = fixture.driver;
  hibernation.before = (step) => (step === 'run' ? new Promise<void>(() => {}) : undefined);
  fixture.call('s1').catch(() => {});
  await fixture.clock.settle();
  assert.equal((await fixture.find('s1'))?.state, 'waking');
  hibernation.before = () => {};
  hibernation.failure = engineIsAway;
  await fixture.restart();
  hibernation.failure = undefined;
  refuseToSpin(fixture);
  let answered: Promise<unknown> | undefined;
  opened = () => (answered ??= fixture.call('s1'));
  await fixture.clock.advance(30_000);
  assert.ok(answered !== undefined);
  await answered;
});
