import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agents, DeployedRuntime, HelloAnswer } from '../../scripts/quickstart/agents.ts';
import { verifies } from '../requirements.ts';
import { BerthFixture, type RuntimeChanges, type ShownSession } from '../fixture/berth-fixture.ts';

/** One on the sandbox's disk, one in its memory. */
const notes = ['/tmp/note', '/dev/shm/note'];

describe('the life of sessions on the real engine', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let agents: Agents;
  let runtime: DeployedRuntime;

  before(async () => {
    berth = await BerthFixture.start({ BERTH_PING_INTERVAL: '250ms' });
    ({ agents } = berth);
    runtime = await berth.deploy('hello-node', 'hello');
  });

  after(() => berth.destroy());

  it('50 first calls of one id at once make one sandbox', async () => {
    verifies('sessions:one-sandbox');
    const id = randomUUID();
    const startsBefore = await counted('berth_session_starts_total');
    const answers = await Promise.all(Array.from({ length: 50 }, () => agents.invoke(runtime, id, {})));
    assert.equal(new Set(bootIdsOf(answers)).size, 1);
    assert.equal((await counted('berth_session_starts_total')) - startsBefore, 1);
    await agents.stop(runtime, id);
  });

  it('50 ids at once make 50 sandboxes, and none is left after they are stopped', async () => {
    verifies('sessions:one-sandbox', 'sessions:stop');
    const ids = Array.from({ length: 50 }, () => randomUUID());
    const answers = await Promise.all(ids.map((id) => agents.invoke(runtime, id, {})));
    assert.equal(new Set(bootIdsOf(answers)).size, 50);
    assert.deepEqual(
      answers.map((answer) => answer.sessionId),
      ids,
    );
    assert.equal(await berth.liveSessions(), 50);
    await Promise.all(ids.map((id) => agents.stop(runtime, id)));
    assert.equal(await berth.liveSessions(), 0);
  });

  it('after stop, idle limit and maximum life the same id starts with nothing of the old memory and files', async () => {
    verifies('sessions:idle', 'sessions:max-lifetime', 'sessions:restart-clean', 'labs:A3b', 'labs:A3d');
    const brief = await deploy('brief', { idleRuntimeSessionTimeout: 1, maxLifetime: 600 });
    const shortLived = await deploy('short_lived', { idleRuntimeSessionTimeout: 6, maxLifetime: 6 });
    // The last one's agent is busy, so that it is not idleness that ends it.
    const lives = [
      { of: runtime, busySeconds: 0, reason: 'stopped' },
      { of: brief, busySeconds: 0, reason: 'idle' },
      { of: shortLived, busySeconds: 600, reason: 'max-lifetime' },
    ];
    for (const { of, busySeconds, reason } of lives) {
      const id = randomUUID();
      const first = await agents.invoke(of, id, { prompt: 'remember me', busySeconds });
      for (const path of notes) await agents.invoke(of, id, { writeFile: { path, text: 'mine' } });
      if (reason === 'stopped') await agents.stop(of, id);
      assert.equal((await ended(of, id)).endReason, reason);
      const clean = await agents.invoke(of, id, {});
      assert.notEqual(clean.bootId, first.bootId);
      assert.deepEqual(clean.heard, []);
      for (const path of notes) {
        assert.equal((await agents.invoke(of, id, { readFile: path })).file, 'ENOENT');
      }
      await agents.stop(of, id);
    }
  });

  it('HealthyBusy outlives the idle limit, and the idle clock starts when the agent is Healthy again', async () => {
    verifies('sessions:healthy-busy', 'sessions:time-of-last-update', 'labs:A3d');
    const busy = await deploy('busy', { idleRuntimeSessionTimeout: 3, maxLifetime: 600 });
    const id = randomUUID();
    await agents.invoke(busy, id, { busySeconds: 5 });
    const { endReason, startedAtMs, endedAtMs = 0 } = await ended(busy, id);
    assert.equal(endReason, 'idle');
    // The agent tells in whole seconds since when it is Healthy.
    assert.ok(endedAtMs - startedAtMs >= 7_000, `${endedAtMs - startedAtMs} ms`);
  });

  function deploy(name: string, lifecycleConfiguration: RuntimeChanges['lifecycleConfiguration']) {
    return berth.deploy('hello-node', name, { lifecycleConfiguration });
  }

  function bootIdsOf(answers: readonly HelloAnswer[]): readonly string[] {
    return answers.map((answer) => answer.bootId);
  }

  async function counted(metric: string): Promise<number> {
    return Number(new RegExp(`^${metric} (\\d+)$`, 'm').exec(await berth.metrics())?.[1]);
  }

  /** Waits for the end. */
  async function ended(of: DeployedRuntime, id: string): Promise<ShownSession> {
    for (;;) {
      const session = await berth.session(of, id);
      if (session.state === 'ended') return session;
      await sleep(100);
    }
  }
});
