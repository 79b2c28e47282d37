import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import type { SandboxId } from '../shared/ids.ts';
import {
  asleep,
  hibernating,
  type HibernatingFixture as Fixture,
  hour,
  keepMs,
  minute,
} from './testing/hibernation-fixture.ts';
import { echo, timelessFixture } from './testing/sessions-fixture.ts';

describe('hibernation', () => {
  it('takes an idle session to disk, and its next call brings the same sandbox back', async () => {
    verifies('hibernation:wakes', 'hibernation:quota');
    await using fixture = await hibernating();
    const before = await asleep(fixture);
    assert.deepEqual([fixture.registry.liveCount, fixture.registry.hibernatedCount], [0, 1]);
    await fixture.clock.advance(48 * hour);

    const after = await fixture.call('s1');

    assert.deepEqual([after.sandboxId, after.session.incarnation], [before.sandboxId, 1]);
    assert.notEqual(after.address.host, before.address.host);
    assert.equal(fixture.driver.starts.length, 1);
    assert.deepEqual([...fixture.vault.kept], []);
    assert.deepEqual(
      ['sessionHibernated', 'sessionWoken', 'sessionEnded'].map(
        (name) => fixture.events.filter(([event]) => event === name).length,
      ),
      [1, 1, 0],
    );
  });

  it('is off without the option, and where the isolation cannot', async () => {
    verifies('hibernation:option');
    await using plain = timelessFixture();
    plain.targets.options.set(echo, { isolation: 'gvisor' });
    await using other = await hibernating('runc');
    for (const fixture of [plain, other]) {
      await fixture.call('s1');
      await fixture.clock.advance(16 * minute);
      assert.equal((await fixture.find('s1'))?.endReason, 'idle');
    }
  });

  it('tells what held connections to the sandbox that it is gone', async () => {
    verifies('hibernation:wakes');
    await using fixture = await hibernating();
    const lease = await fixture.call('s1');
    const gone: BerthError[] = [];
    lease.onGone((error) => gone.push(error));
    await fixture.clock.advance(16 * minute);
    assert.deepEqual(
      gone.map(({ code }) => code),
      ['unavailable'],
    );
  });

  it('wakes a session once for many calls at once', async () => {
    verifies('hibernation:one-wake');
    await using fixture = await hibernating();
    await asleep(fixture);
    const leases = await Promise.all(Array.from({ length: 50 }, () => fixture.call('s1')));
    assert.equal(new Set(leases.map(({ address }) => address.host)).size, 1);
    assert.equal(fixture.driver.hibernation.steps.filter((step) => step === 'run').length, 1);
  });

  it('lets a call that meets a session on its way to disk wait, and wakes it then', async () => {
    verifies('hibernation:one-wake');
    await using fixture = await hibernating();
    const { promise: isKept, resolve: goOn } = Promise.withResolvers<void>();
    fixture.driver.hibernation.before = (step) => (step === 'kept' ? isKept : undefined);
    const { sandboxId } = await fixture.call('s1');
    await fixture.clock.advance(16 * minute);
    assert.equal((await fixture.find('s1'))?.state, 'hibernating');

    const call = fixture.call('s1');
    await fixture.clock.settle();
    goOn();

    assert.equal((await call).sandboxId, sandboxId);
    assert.deepEqual(fixture.driver.hibernation.steps.slice(-2), ['commit', 'run']);
  });

  it('leaves a session alone that is called while its option is looked up', async () => {
    verifies('hibernation:not-busy');
    const { promise: options, resolve: answer } = Promise.withResolvers<void>();
    let isIdle = false;
    await using fixture = timelessFixture({
      changes: {
        isolation: 'gvisor',
        optionsOf: async () => {
          if (isIdle) await options;
          return { hibernate: keepMs };
        },
      },
    });
    await fixture.call('s1');
    isIdle = true;
    await fixture.clock.advance(15 * minute);
    const lease = await fixture.acquire('s1');
    answer();
    await fixture.clock.settle();
    assert.equal((await fixture.find('s1'))?.state, 'ready');
    lease.release();
  });

  it('counts neither towards the maximum life nor towards the idle limit', async () => {
    verifies('hibernation:life');
    await using fixture = await hibernating();
    await asleep(fixture);
    await fixture.clock.advance(40 * hour);
    await fixture.call('s1');
    await fixture.clock.advance(14 * minute);
    assert.equal((await fixture.find('s1'))?.state, 'ready');
    for (let at = 0; at < 32; at += 1) {
      await fixture.call('s1');
      await fixture.clock.advance(14 * minute);
    }
    await fixture.call('s1');
    await fixture.clock.advance(10 * minute);
    assert.equal((await fixture.find('s1'))?.endReason, 'max-lifetime');
  });

  it('ends with all that is on disk when it is stopped, its runtime is deleted, or its time is over', async () => {
    verifies('hibernation:ends');
    for (const [reason, end] of [
      ['stopped', (fixture: Fixture) => fixture.stop('s1')],
      ['runtime-deleted', (fixture: Fixture) => fixture.registry.endAll(echo)],
      ['hibernation-over', (fixture: Fixture) => fixture.clock.advance(keepMs)],
    ] as const) {
      await using fixture = await hibernating();
      const { sandboxId } = await asleep(fixture);
      await end(fixture);
      assert.deepEqual([reason, (await fixture.find('s1'))?.endReason], [reason, reason]);
      assert.deepEqual([fixture.driver.sandboxes, [...fixture.vault.kept]], [[], []]);
      assert.notEqual((await fixture.call('s1')).sandboxId, sandboxId);
    }
  });

  it('ends also when it is stopped on its way to disk, or back', async () => {
    verifies('hibernation:ends');
    for (const where of ['kept', 'load'] as const) {
      await using fixture = await hibernating();
      const { promise, resolve: goOn } = Promise.withResolvers<void>();
      fixture.driver.hibernation.before = (step) => (step === where ? promise : undefined);
      await fixture.call('s1');
      await fixture.clock.advance(16 * minute);
      const call = where === 'load' ? fixture.call('s1').catch((error: unknown) => error) : undefined;
      await fixture.clock.settle();
      const stopped = fixture.stop('s1');
      await fixture.clock.settle();
      goOn();
      await stopped;
      await call;
      assert.deepEqual([where, (await fixture.find('s1'))?.endReason], [where, 'stopped']);
      assert.deepEqual([fixture.driver.sandboxes, [...fixture.vault.kept]], [[], []]);
    }
  });

  it('that fails ends the session as an idle one, and says so', async () => {
    verifies('hibernation:falls-back');
    await using fixture = await hibernating();
    fixture.driver.hibernation.before = (step) => {
      if (step === 'checkpoint') throw new BerthError('unavailable', 'There is no memory.');
    };
    await fixture.call('s1');
    await fixture.clock.advance(16 * minute);
    assert.equal((await fixture.find('s1'))?.endReason, 'idle');
    assert.equal(fixture.eventsNamed('hibernationFailed').length, 1);
    assert.deepEqual([fixture.driver.sandboxes, [...fixture.vault.kept]], [[], []]);
  });

  it('keeps a session on disk when a wake fails before anything ran, and the next call wakes it', async () => {
    verifies('hibernation:try-again');
    await using fixture = await hibernating();
    const { sandboxId } = await asleep(fixture);
    fixture.driver.hibernation.before = (step) => {
      if (step === 'load') throw new BerthError('unavailable', 'There is no memory.');
    };
    await assert.rejects(fixture.call('s1'), { code: 'unavailable', message: 'There is no memory.' });
    assert.equal((await fixture.find('s1'))?.state, 'hibernated');
    fixture.driver.hibernation.before = () => {};
    assert.equal((await fixture.call('s1')).sandboxId, sandboxId);
  });

  it('ends a session whose memory is damaged, or whose sandbox is gone or had begun to run, and never poses as it', async () => {
    verifies('hibernation:truthful');
    for (const damage of [
      (fixture: Fixture) => void (fixture.vault.isDamaged = true),
      (fixture: Fixture, sandboxId: SandboxId) => fixture.driver.vanish(sandboxId),
      (fixture: Fixture) => {
        fixture.driver.hibernation.before = (step) => {
          if (step === 'run') throw new BerthError('unavailable', 'gVisor refused it.');
        };
      },
    ]) {
      await using fixture = await hibernating();
      const { sandboxId } = await asleep(fixture);
      await damage(fixture, sandboxId);
      await assert.rejects(fixture.call('s1'), {
        code: 'runtime-client-error',
        message: /memory could not be brought back, and the session has ended/,
      });
      assert.equal((await fixture.find('s1'))?.endReason, 'failed-to-wake');
      fixture.driver.hibernation.before = () => {};
      const fresh = await fixture.call('s1');
      assert.notEqual(fresh.sandboxId, sandboxId);
      assert.equal(fresh.session.incarnation, 2);
      assert.deepEqual([...fixture.vault.kept], []);
    }
  });

  it('is refused for a wake when the quota of live sessions is reached', async () => {
    verifies('hibernation:quota');
    await using fixture = timelessFixture({ changes: { activeSessions: 1 } });
    fixture.targets.options.set(echo, { isolation: 'gvisor', hibernate: keepMs });
    await fixture.call('s1');
    await fixture.clock.advance(16 * minute);
    await fixture.call('s2');
    await assert.rejects(fixture.call('s1'), { code: 'quota-exceeded' });
    await fixture.stop('s2');
    await fixture.call('s1');
  });

  it('gives up the oldest session first when the host runs out of disk', async () => {
    verifies('hibernation:disk');
    await using fixture = await hibernating();
    await asleep(fixture, 'old');
    await asleep(fixture, 'new');
    assert.equal(await fixture.registry.endOldestHibernated(), true);
    assert.equal((await fixture.find('old'))?.endReason, 'disk-pressure');
    assert.equal((await fixture.find('new'))?.state, 'hibernated');
    assert.equal(await fixture.registry.endOldestHibernated(), true);
    assert.equal(await fixture.registry.endOldestHibernated(), false);
  });
});
