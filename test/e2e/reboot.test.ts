import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { containerdOf } from '../fixture/containerd-of.ts';
import { footprintOf } from '../fixture/footprint.ts';
import { leftoversOf, serverTag } from '../fixture/leftovers.ts';
import { simulateReboot } from '../fixture/simulate-reboot.ts';
import { verifies } from '../requirements.ts';

describe('what is below the server goes away', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let runtime: DeployedRuntime;
  const live = new Map<string, string>();

  before(async () => {
    berth = await BerthFixture.start({ BERTH_STARTS_IN_FLIGHT: '2', BERTH_START_TIMEOUT: '20s' });
    runtime = await berth.deploy('hello-node', 'hello');
    for (let count = 0; count < 3; count += 1) await begin(randomUUID());
  });

  after(() => berth.destroy());

  async function begin(id: string): Promise<void> {
    live.set(id, (await berth.agents.invoke(runtime, id, {})).bootId);
  }

  function readiness(): Promise<Response> {
    return fetch(`${berth.server.url}/readyz`);
  }

  async function assertAllLive(): Promise<void> {
    for (const [id, bootId] of live)
      assert.equal((await berth.agents.invoke(runtime, id, {})).bootId, bootId);
  }

  it('containerd is killed while sessions start and answers stream: none is lost, and ids that failed start', async () => {
    verifies('restart:containerd-gone');
    const [known = ''] = live.keys();
    const stream = berth.agents.stream(runtime, known, { stream: 30, everyMs: 200 }, () => {});
    const ids = Array.from({ length: 6 }, () => randomUUID());
    const starts = Promise.allSettled(ids.map((id) => berth.agents.invoke(runtime, id, {})));
    let daemon = await containerdOf(berth.server.home);
    for (let round = 0; round < 2; round += 1) {
      await sleep(150);
      process.kill(daemon, 'SIGKILL');
      await assertAllLive();
      daemon = await containerdOf(berth.server.home, daemon);
    }
    assert.equal((await stream).length, 30);
    for (const [at, outcome] of (await starts).entries()) {
      const id = ids[at] ?? '';
      if (outcome.status === 'fulfilled') live.set(id, outcome.value.bootId);
      else await untilAnswered(() => begin(id));
    }
    await assertAllLive();
  });

  it('containerd does not come back: live sessions answer, starts wait or fail, and it heals by itself', async () => {
    verifies('restart:containerd-gone');
    const socket = join('/run/berth', serverTag(berth.server.home), 'containerd.sock');
    const daemon = await containerdOf(berth.server.home);
    process.kill(daemon, 'SIGKILL');
    // It cannot listen there any more.
    await rm(socket, { force: true });
    await mkdir(join(socket, 'in', 'the', 'way'), { recursive: true });
    await assertAllLive();
    const id = randomUUID();
    const start = berth.agents.invoke(runtime, id, {}).catch(() => undefined);
    let ready = await readiness();
    while (ready.status === 200) ready = await readiness();
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /containerd|engine/i);
    await assertAllLive();
    await rm(socket, { recursive: true });
    await start;
    await untilAnswered(() => begin(id));
    await assertAllLive();
    assert.equal((await readiness()).status, 200);
  });

  it('the machine reboots: sessions end with that reason, their remains are removed, their ids start clean', async () => {
    verifies('restart:reboot');
    await berth.process.kill();
    await simulateReboot(berth.server.home);
    await berth.process.start();
    const ids = [...live.keys()];
    for (const id of ids) {
      const { stdout } = await berth.cli('sessions', 'show', 'hello', id, '--json');
      const session = JSON.parse(stdout) as { state: string; endReason: string };
      assert.deepEqual([session.state, session.endReason], ['ended', 'reboot']);
    }
    const [id = ''] = ids;
    const { bootId } = await berth.agents.invoke(runtime, id, {});
    assert.notEqual(bootId, live.get(id));
    for (let attempt = 0; ; attempt += 1) {
      const { containers, tasks, disks, mountedDisks, namespaces, views, passingSnapshots } =
        await footprintOf(berth.server.home);
      const found = { containers, tasks, disks, mountedDisks, namespaces, views, passingSnapshots };
      const expected = {
        containers: 1,
        tasks: 1,
        disks: 5,
        mountedDisks: 5,
        namespaces: 5,
        views: 0,
        passingSnapshots: 0,
      };
      if (attempt < 60 && JSON.stringify(found) !== JSON.stringify(expected)) await sleep(250);
      else {
        assert.deepEqual(found, expected);
        break;
      }
    }
    await berth.cli('down', '--sessions');
    assert.deepEqual(await leftoversOf(berth.server.home), []);
  });
});

async function untilAnswered(call: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === 60) throw error;
      await sleep(500);
    }
  }
}
