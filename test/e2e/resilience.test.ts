import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { verifies } from '../requirements.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { containerdOf } from '../fixture/containerd-of.ts';
import { leftoversOf, processesOf } from '../fixture/leftovers.ts';

describe('what is killed without notice', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let runtime: DeployedRuntime;
  const bootIds = new Map<string, string>();

  before(async () => {
    berth = await BerthFixture.start();
    runtime = await berth.deploy('hello-node', 'hello');
    for (let session = 0; session < 20; session += 1) await begin(randomUUID());
  });

  after(() => berth.destroy());

  async function begin(sessionId: string): Promise<string> {
    const { bootId } = await berth.agents.invoke(runtime, sessionId, {});
    bootIds.set(sessionId, bootId);
    return bootId;
  }

  async function assertAllLive(): Promise<void> {
    for (const [sessionId, bootId] of bootIds) {
      assert.equal((await berth.agents.invoke(runtime, sessionId, {})).bootId, bootId);
    }
  }

  it('the server: every session goes on in its sandbox', async () => {
    verifies('sessions:adoption');
    await berth.process.kill();
    await berth.process.start();
    await assertAllLive();
    assert.match(await berth.metrics(), /^berth_session_adoptions_total 20$/m);
  });

  it('containerd: sessions go on, and new ones start as soon as it is back', async () => {
    verifies('sandboxes:containerd-killed');
    process.kill(await containerdOf(berth.server.home), 'SIGKILL');
    await assertAllLive();
    const another = randomUUID();
    for (let attempt = 0; ; attempt += 1) {
      try {
        await begin(another);
        break;
      } catch (error) {
        if (attempt === 240) throw error;
        await sleep(100);
      }
    }
  });

  it('one agent: only its own session is lost, and the same id starts clean', async () => {
    verifies('sessions:crash');
    const [victim = ''] = bootIds.keys();
    const before = bootIds.get(victim);
    const { stdout } = await berth.cli('sessions', 'show', 'hello', victim, '--json');
    const { sandboxId } = JSON.parse(stdout) as { sandboxId: string };
    killAll(await processesOf(sandboxId));
    // The first call may still meet the connection that breaks; nothing is sent again for it.
    await berth.agents.invoke(runtime, victim, {}).catch(() => undefined);
    assert.notEqual(await begin(victim), before);
    await assertAllLive();
  });

  it('leaves no descriptor open in the server for what is gone', async () => {
    const folder = `/proc/${berth.process.pid}/fd`;
    const open = async () => (await readdir(folder)).length;
    const passing = async () => {
      const ids = Array.from({ length: 8 }, () => randomUUID());
      await Promise.all(ids.map((id) => berth.agents.invoke(runtime, id, {})));
      await Promise.all(ids.map((id) => berth.agents.stop(runtime, id)));
    };
    await passing();
    // Connections to agents are kept for a second.
    await sleep(1_500);
    const before = await open();
    await passing();
    await passing();
    for (let attempt = 0; (await open()) > before + 2; attempt += 1) {
      assert.ok(attempt < 200, `${before} descriptors were open, then ${await open()}`);
      await sleep(100);
    }
  });

  it('nothing is left after down --sessions', async () => {
    verifies('sandboxes:no-leaks', 'cli:down');
    assert.notDeepEqual(await leftoversOf(berth.server.home), []);
    await berth.cli('down', '--sessions');
    assert.deepEqual(await leftoversOf(berth.server.home), []);
  });
});

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      // Without its init the rest of a sandbox ends by itself.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}
