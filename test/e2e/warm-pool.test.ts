import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { verifies } from '../requirements.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { leftoversOf } from '../fixture/leftovers.ts';

describe('sandboxes that are ready ahead of time, on the real engine', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let runtime: DeployedRuntime;

  before(async () => {
    berth = await BerthFixture.start();
    runtime = await berth.deploy('hello-node', 'ready', { tags: { 'berth:pool-min': '3' } });
  });

  after(() => berth.destroy());

  async function figure(name: string): Promise<number> {
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await berth.metrics())?.[1]);
  }

  async function untilReady(count: number): Promise<void> {
    while ((await figure('berth_pool_ready')) !== count) await sleep(100);
  }

  const hits = () => figure('berth_pool_claims_total\\{outcome="hit"\\}');

  it('are claimed by new sessions, each by one, and replaced', async () => {
    verifies('warm-pool:claim', 'warm-pool:never-shared');
    await untilReady(3);
    const ids = Array.from({ length: 6 }, () => randomUUID());
    const answers = await Promise.all(ids.map((id) => berth.agents.invoke(runtime, id, {})));
    assert.equal(new Set(answers.map(({ bootId }) => bootId)).size, 6);
    assert.ok((await hits()) >= 3);
    await Promise.all(ids.map((id) => berth.agents.stop(runtime, id)));
    await untilReady(3);
    assert.equal(await berth.liveSessions(), 0);
  });

  it('are in the pool again after kill -9 of the server, also in the middle of claims', async () => {
    verifies('warm-pool:adoption');
    const ids = Array.from({ length: 3 }, () => randomUUID());
    const calls = ids.map((id) => berth.agents.invoke(runtime, id, {}).catch(() => undefined));
    await sleep(20);
    await berth.process.kill();
    await Promise.all(calls);
    await berth.process.start();
    const answers = await Promise.all(ids.map((id) => berth.agents.invoke(runtime, id, {})));
    assert.equal(new Set(answers.map(({ bootId }) => bootId)).size, 3);
    await untilReady(3);
  });

  it('follow a change of options and a new version', async () => {
    verifies('warm-pool:drained');
    await berth.cli('runtimes', 'options', 'ready', 'pool-min=1', 'pool-frozen=on');
    await untilReady(1);
    const made = await figure('berth_pool_starts_total');
    const containerUri = berth.imageUri('hello-node:v1');
    const { agentRuntimeName: _, ...settings } = berth.settings('ready', containerUri, {
      environmentVariables: { GREETING: 'of the new version' },
    });
    await berth.agents.update(runtime, settings);
    while ((await figure('berth_pool_starts_total')) === made) await sleep(100);
    await untilReady(1);
    const before = await hits();
    assert.equal((await berth.agents.invoke(runtime, randomUUID(), {})).greeting, 'of the new version');
    assert.equal(await hits(), before + 1);
  });

  it('are gone with their runtime', async () => {
    verifies('warm-pool:drained');
    await berth.agents.remove(runtime);
    assert.ok(await berth.agents.isGone(runtime));
    assert.equal(await figure('berth_pool_ready'), 0);
    await berth.cli('down', '--sessions');
    assert.deepEqual(await leftoversOf(berth.server.home), []);
  });
});
