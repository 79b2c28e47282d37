import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HibernationStep } from '../../test/fakes/fake-hibernation.ts';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import {
  asleep,
  hibernating,
  type HibernatingFixture as Fixture,
  hour,
  keepMs,
  minute,
} from './testing/hibernation-fixture.ts';
import { echo, timelessFixture } from './testing/sessions-fixture.ts';

describe('a server that is killed', () => {
  const toDisk: readonly HibernationStep[] = ['checkpoint', 'kept', 'park'];
  const back: readonly HibernationStep[] = ['load', 'commit', 'run'];

  for (const step of [...toDisk, ...back]) {
    it(`at the step '${step}' of hibernation loses no session and wakes none twice`, async () => {
      verifies('hibernation:crash');
      await using fixture = await hibernating();
      fixture.driver.hibernation.before = (reached) =>
        reached === step ? new Promise<void>(() => {}) : undefined;
      const before = await fixture.call('s1');
      await fixture.clock.advance(16 * minute);
      if (back.includes(step)) void fixture.call('s1').catch(() => {});
      await fixture.clock.settle();
      fixture.driver.hibernation.before = () => {};
      await fixture.restart();

      const after = await fixture.call('s1');

      assert.deepEqual([after.sandboxId, after.session.incarnation], [before.sandboxId, 1]);
      assert.equal(fixture.driver.starts.length, 1);
      await fixture.clock.advance(6 * minute);
      assert.equal((await fixture.find('s1'))?.state, 'ready');
      assert.deepEqual([...fixture.vault.kept], []);
    });
  }

  it('while sessions are on disk finds them again, with the time that is left of theirs, also after a reboot', async () => {
    verifies('hibernation:crash', 'hibernation:ends');
    await using fixture = await hibernating();
    const { sandboxId } = await asleep(fixture, 's1');
    await asleep(fixture, 's2');
    await fixture.driver.hibernation.reboot(sandboxId);
    await fixture.restart();
    assert.equal(fixture.registry.hibernatedCount, 2);
    assert.equal((await fixture.call('s1')).sandboxId, sandboxId);
    await fixture.clock.advance(keepMs);
    assert.equal((await fixture.find('s2'))?.endReason, 'hibernation-over');
  });

  it('and whose machine is started anew in the middle of a wake does not run the same memory a second time', async () => {
    verifies('hibernation:crash', 'hibernation:truthful');
    await using fixture = await hibernating();
    const { sandboxId } = await asleep(fixture);
    fixture.driver.hibernation.before = (step) => (step === 'run' ? new Promise<void>(() => {}) : undefined);
    void fixture.call('s1').catch(() => {});
    await fixture.clock.settle();
    fixture.driver.hibernation.before = () => {};
    await fixture.driver.hibernation.reboot(sandboxId);
    await fixture.restart();
    assert.equal((await fixture.find('s1'))?.endReason, 'lost');
    assert.deepEqual([fixture.driver.sandboxes, [...fixture.vault.kept]], [[], []]);
  });

  it('finds that a sandbox or its memory is gone, and ends the session', async () => {
    verifies('hibernation:truthful', 'hibernation:swept');
    await using fixture = await hibernating();
    const { sandboxId } = await asleep(fixture, 'no memory');
    await fixture.vault.remove(sandboxId);
    const other = await asleep(fixture, 'no disk');
    await fixture.driver.vanish(other.sandboxId);
    await fixture.restart();
    for (const session of ['no memory', 'no disk']) {
      assert.equal((await fixture.find(session))?.endReason, 'lost');
    }
    assert.deepEqual([fixture.driver.sandboxes, [...fixture.vault.kept]], [[], []]);
  });
});

describe('a handover that fails', () => {
  it('leaves sessions on disk as they were: awake again, none is ended by the end of its earlier sleep', async () => {
    verifies('hibernation:handover');
    await using fixture = timelessFixture();
    fixture.targets.options.set(echo, { isolation: 'gvisor', hibernate: 2 * hour });
    const { sandboxId } = await asleep(fixture);
    const parked = fixture.driver.hibernation.steps.length;
    for (let times = 0; times < 2; times += 1) {
      await fixture.registry.pause();
      await fixture.registry.resume();
    }
    assert.equal(fixture.driver.hibernation.steps.length, parked, 'nothing is done to it');
    await fixture.clock.advance(110 * minute);

    await fixture.call('s1');
    await fixture.clock.advance(14 * minute);

    assert.equal((await fixture.find('s1'))?.state, 'ready');
    assert.equal((await fixture.call('s1')).sandboxId, sandboxId);
  });

  it('ends sessions whose time on disk was over meanwhile', async () => {
    verifies('hibernation:handover', 'hibernation:ends');
    await using fixture = await hibernating();
    await asleep(fixture);
    await fixture.registry.pause();
    await fixture.clock.advance(keepMs);
    await fixture.registry.resume();
    await fixture.clock.advance(0);
    assert.equal((await fixture.find('s1'))?.endReason, 'hibernation-over');
    assert.deepEqual([fixture.driver.sandboxes, [...fixture.vault.kept]], [[], []]);
  });

  it('takes sessions as the other server left them: woken, ended, or on disk', async () => {
    verifies('hibernation:handover');
    await using fixture = await hibernating();
    await asleep(fixture, 'woken');
    await asleep(fixture, 'ended');
    const gone: string[] = [];
    const ready = await fixture.call('to disk');
    ready.onGone(({ code }) => gone.push(code));
    await fixture.registry.pause();
    const old = fixture.registry;
    fixture.registry = fixture.newRegistry();
    await fixture.registry.recover();
    await fixture.stop('ended');
    await fixture.clock.advance(10 * minute);
    const woken = await fixture.call('woken');
    await fixture.clock.advance(6 * minute);
    assert.equal((await fixture.find('to disk'))?.state, 'hibernated');
    await fixture.registry[Symbol.asyncDispose]();
    fixture.registry = old;

    await fixture.registry.resume();

    assert.deepEqual(
      [fixture.registry.liveCount, fixture.registry.hibernatedCount, gone],
      [1, 1, ['unavailable']],
    );
    assert.equal((await fixture.call('woken')).address.host, woken.address.host);
    assert.equal((await fixture.call('to disk')).sandboxId, ready.sandboxId);
    assert.equal((await fixture.call('ended')).session.incarnation, 2);
  });
});

describe('a handover that fails while the engine does not answer', () => {
  for (const state of ['hibernated', 'waking'] as const) {
    it(`replaces no session that is written as ${state}: its calls wait and reach it`, async () => {
      verifies('hibernation:not-replaced', 'hibernation:handover');
      await using fixture = await hibernating();
      const { sandboxId } = await asleep(fixture);
      const { hibernation } = fixture.driver;
      if (state === 'waking') {
        hibernation.before = (step) => (step === 'run' ? new Promise<void>(() => {}) : undefined);
        void fixture.call('s1').catch(() => {});
        await fixture.clock.settle();
        hibernation.before = () => {};
      }
      hibernation.failure = new BerthError('unavailable', 'containerd does not answer.');
      await fixture.restart();
      const list = fixture.driver.list.bind(fixture.driver);
      // What it knew of the session goes with the pause.
      await fixture.registry.pause();
      fixture.driver.list = () => Promise.reject(new Error('containerd does not answer.'));
      await fixture.registry.resume();
      const waiting = fixture.call('s1');
      await fixture.clock.advance(10_000);
      assert.deepEqual([(await fixture.find('s1'))?.state, fixture.driver.starts.length], [state, 1]);

      fixture.driver.list = list;
      hibernation.failure = undefined;
      await fixture.clock.advance(30_000);

      const woken = await waiting;
      assert.deepEqual([woken.sandboxId, woken.session.incarnation], [sandboxId, 1]);
    });
  }
});

describe('a server that cannot know at its start what is left of a session on disk', () => {
  const failure = new BerthError('unavailable', 'containerd does not answer.');

  for (const state of ['hibernated', 'hibernating', 'waking'] as const) {
    it(`keeps it where it was ${state}: calls wait, nothing is removed, and it goes on when that is known`, async () => {
      verifies('hibernation:crash', 'hibernation:truthful');
      await using fixture = await hibernating();
      const step = { hibernated: undefined, hibernating: 'kept', waking: 'run' }[state];
      fixture.driver.hibernation.before = (reached) =>
        reached === step ? new Promise<void>(() => {}) : undefined;
      const { sandboxId } = await fixture.call('s1');
      await fixture.clock.advance(16 * minute);
      if (state === 'waking') void fixture.call('s1').catch(() => {});
      await fixture.clock.settle();
      assert.equal((await fixture.find('s1'))?.state, state);
      fixture.driver.hibernation.before = () => {};
      fixture.driver.hibernation.failure = failure;
      await fixture.restart();

      const refused = assert.rejects(fixture.call('s1'), { code: 'retryable-conflict' });
      await fixture.clock.advance(5 * minute);
      await refused;
      assert.equal((await fixture.find('s1'))?.state, state);
      assert.equal(fixture.driver.sandboxes.length, 1, 'no sweep removes it');

      fixture.driver.hibernation.failure = undefined;
      const waiting = fixture.call('s1');
      await fixture.clock.advance(30_000);
      assert.deepEqual([(await waiting).sandboxId, (await waiting).session.incarnation], [sandboxId, 1]);
    });
  }

  it('ends it when it is found that it cannot be woken any more, and begins it anew', async () => {
    verifies('hibernation:crash', 'hibernation:truthful');
    await using fixture = await hibernating();
    const { hibernation } = fixture.driver;
    hibernation.before = (reached) => (reached === 'run' ? new Promise<void>(() => {}) : undefined);
    await asleep(fixture);
    void fixture.call('s1').catch(() => {});
    await fixture.clock.settle();
    assert.equal((await fixture.find('s1'))?.state, 'waking');
    hibernation.before = () => {};
    hibernation.finishWaking = () => Promise.reject(new BerthError('internal', 'It was read back already.'));
    await fixture.restart();
    await fixture.clock.advance(30_000);

    assert.equal((await fixture.find('s1'))?.endReason, 'lost');
    assert.deepEqual([fixture.driver.sandboxes, [...fixture.vault.kept]], [[], []]);
    assert.equal((await fixture.call('s1')).session.incarnation, 2);
  });

  it('ends it when it is stopped meanwhile', async () => {
    verifies('hibernation:ends');
    await using fixture = await hibernating();
    await asleep(fixture);
    fixture.driver.hibernation.failure = failure;
    await fixture.restart();
    await fixture.stop('s1');
    assert.equal((await fixture.find('s1'))?.endReason, 'stopped');
    assert.deepEqual([fixture.driver.sandboxes, [...fixture.vault.kept]], [[], []]);
    assert.equal((await fixture.call('s1')).session.incarnation, 2);
  });

  it('leaves it to the next server when it closes, or hands over', async () => {
    verifies('hibernation:crash', 'hibernation:handover');
    for (const leave of [
      (fixture: Fixture) => fixture.registry[Symbol.asyncDispose](),
      (fixture: Fixture) => fixture.registry.pause(),
    ]) {
      await using fixture = await hibernating();
      const { sandboxId } = await asleep(fixture);
      fixture.driver.hibernation.failure = failure;
      await fixture.restart();
      await leave(fixture);
      fixture.driver.hibernation.failure = undefined;
      await fixture.restart();
      assert.equal((await fixture.call('s1')).sandboxId, sandboxId);
    }
  });

  it('ends it when it turns out that nothing is left, and its callers are told', async () => {
    verifies('hibernation:truthful');
    await using fixture = await hibernating();
    const { sandboxId } = await asleep(fixture);
    fixture.driver.hibernation.failure = failure;
    await fixture.restart();
    await fixture.vault.remove(sandboxId);
    fixture.driver.hibernation.failure = undefined;
    const refused = assert.rejects(fixture.call('s1'), { code: 'runtime-client-error' });
    await fixture.clock.advance(minute);
    await refused;
    assert.equal((await fixture.find('s1'))?.endReason, 'lost');
    assert.deepEqual(fixture.driver.sandboxes, []);
  });
});
