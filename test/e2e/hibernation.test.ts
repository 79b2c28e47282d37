import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agents, DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture, type ShownSession } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

const note = '/tmp/note';

describe('hibernation on the real engine', { timeout: 400_000 }, () => {
  let berth: BerthFixture;
  let agents: Agents;
  let runtime: DeployedRuntime;

  before(async () => {
    berth = await BerthFixture.start({ BERTH_PING_INTERVAL: '250ms' });
    ({ agents } = berth);
    runtime = await berth.deploy('hello-node', 'hello', {
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 2, maxLifetime: 600 },
      tags: { 'berth:isolation': 'gvisor', 'berth:hibernate': '72h', 'berth:memory': '256MiB' },
    });
  });

  after(() => berth.destroy());

  it('an idle session goes on at its next call with memory and files, and is shown as hibernated meanwhile', async () => {
    verifies('hibernation:wakes', 'hibernation:quota');
    const id = randomUUID();
    const first = await remember(id);
    await until(id, 'hibernated');
    const { stdout } = await berth.cli('sessions', 'show', runtime.id, id, '--json');
    assert.equal((JSON.parse(stdout) as ShownSession).state, 'hibernated');
    assert.equal(await berth.liveSessions(), 0);
    assert.match(await berth.metrics(), /^berth_hibernated_sessions 1$/m);
    assert.equal((await readdir(checkpoints())).length, 1);

    const again = await agents.invoke(runtime, id, { prompt: 'and this', readFile: note });

    assert.deepEqual([again.bootId, again.file], [first.bootId, 'mine']);
    assert.deepEqual(again.heard, ['remember me', 'and this']);
    assert.deepEqual(await readdir(checkpoints()), []);
    await agents.stop(runtime, id);
  });

  it('20 calls at once wake it once', async () => {
    verifies('hibernation:one-wake');
    const id = randomUUID();
    const { bootId } = await remember(id);
    await until(id, 'hibernated');
    const answers = await Promise.all(Array.from({ length: 20 }, () => agents.invoke(runtime, id, {})));
    assert.deepEqual([...new Set(answers.map((answer) => answer.bootId))], [bootId]);
    await agents.stop(runtime, id);
  });

  it('survives kill -9 of the server on disk, on the way there and on the way back', async () => {
    verifies('hibernation:crash');
    const id = randomUUID();
    const first = await remember(id);
    await until(id, 'hibernated');
    await restart();
    assert.equal((await agents.invoke(runtime, id, {})).bootId, first.bootId);
    // Idle after 2 s, on its way for some 100 ms: killed at several moments around that.
    for (const afterMs of [2_000, 2_100, 2_200, 2_300, 2_500]) {
      await agents.invoke(runtime, id, {});
      await sleep(afterMs);
      await restart();
      const { bootId, file } = await agents.invoke(runtime, id, { readFile: note });
      assert.deepEqual([bootId, file], [first.bootId, 'mine'], `killed ${afterMs} ms after a call`);
    }
    for (const afterMs of [20, 80, 150, 250]) {
      await until(id, 'hibernated');
      const call = agents.invoke(runtime, id, {}).catch(() => undefined);
      await sleep(afterMs);
      await restart();
      await call;
      const { bootId } = await agents.invoke(runtime, id, {});
      assert.equal(bootId, first.bootId, `killed ${afterMs} ms after the call that wakes it`);
    }
    await agents.stop(runtime, id);
  });

  it('ends with all that it had on disk when it is stopped, and begins anew', async () => {
    verifies('hibernation:ends', 'hibernation:sealed');
    const id = randomUUID();
    const first = await remember(id);
    await until(id, 'hibernated');
    await agents.stop(runtime, id);
    assert.equal((await berth.session(runtime, id)).endReason, 'stopped');
    assert.deepEqual(await readdir(checkpoints()), []);
    const fresh = await agents.invoke(runtime, id, { readFile: note });
    assert.notEqual(fresh.bootId, first.bootId);
    assert.deepEqual([fresh.heard, fresh.file], [[], 'ENOENT']);
    await agents.stop(runtime, id);
  });

  it('whose memory on disk was tampered with is an error, and then a session that begins anew', async () => {
    verifies('hibernation:truthful', 'hibernation:sealed');
    const id = randomUUID();
    const first = await remember(id);
    await until(id, 'hibernated');
    const { sandboxId = '' } = await berth.session(runtime, id);
    const folder = join(checkpoints(), sandboxId);
    const [file = ''] = await readdir(folder);
    await rm(join(folder, file));
    await writeFile(join(folder, file), 'not what was sealed');

    await assert.rejects(agents.invoke(runtime, id, {}), (error: Error) =>
      /memory could not be brought back, and the session has ended/.test(error.message),
    );

    assert.equal((await berth.session(runtime, id)).endReason, 'failed-to-wake');
    assert.notEqual((await agents.invoke(runtime, id, {})).bootId, first.bootId);
    await agents.stop(runtime, id);
    assert.deepEqual(await readdir(checkpoints()), []);
  });

  it('is refused for a runtime whose sandboxes are of runc', async () => {
    verifies('hibernation:option');
    const settings = berth.settings('plain', berth.imageUri('hello-node:v1'), {
      tags: { 'berth:hibernate': '1h' },
    });
    await assert.rejects(agents.create(settings), /isolation 'runc' cannot go to disk/);
  });

  function checkpoints(): string {
    return join(berth.server.home, 'checkpoints');
  }

  async function remember(id: string) {
    const first = await agents.invoke(runtime, id, { prompt: 'remember me' });
    await agents.invoke(runtime, id, { writeFile: { path: note, text: 'mine' } });
    return first;
  }

  async function until(id: string, state: string): Promise<void> {
    for (;;) {
      const session = await berth.session(runtime, id);
      if (session.state === state) return;
      assert.notEqual(session.state, 'ended', `${state} was expected, and it ended: ${session.endReason}`);
      await sleep(100);
    }
  }

  async function restart(): Promise<void> {
    await berth.process.kill();
    await berth.process.start();
  }
});
