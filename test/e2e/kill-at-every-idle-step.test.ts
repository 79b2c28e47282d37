import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { type StepName, stepNames } from '../../src/shared/steps.ts';
import type { BerthFixture } from '../fixture/berth-fixture.ts';
import { CrashingServer, type Doom, isOfIdleSandboxes } from '../fixture/crashing-server.ts';
import { leftoversOf } from '../fixture/leftovers.ts';
import { verifies } from '../requirements.ts';

const prompt = 'remember me';
const pooled = { 'berth:pool-min': '1', 'berth:pool-frozen': 'on' };

describe('a server that is killed while it looks after idle sandboxes', { timeout: 600_000 }, () => {
  let server: CrashingServer;
  let berth: BerthFixture;
  let icy: DeployedRuntime;
  let sleepy: DeployedRuntime;

  before(async () => {
    server = await CrashingServer.start(1, { BERTH_PING_INTERVAL: '250ms' });
    ({ berth } = server);
    icy = await berth.deploy('hello-node', 'icy', { tags: { 'berth:freeze-after': '5s' } });
    sleepy = await berth.deploy('hello-node', 'sleepy', {
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 2, maxLifetime: 600 },
      tags: { 'berth:isolation': 'gvisor', 'berth:hibernate': '72h', 'berth:memory': '256MiB' },
    });
  });

  after(() => server.destroy());

  function doomAt(step: StepName): Doom {
    const [kind = ''] = step.split(':');
    if (kind === 'freeze') return (arm) => doomedByItself(icy, arm);
    if (kind === 'thaw') return (arm) => doomedCall(icy, 'berth_frozen_sandboxes', arm);
    if (kind === 'wake') return (arm) => doomedCall(sleepy, 'berth_hibernated_sessions', arm);
    if (kind === 'pool') return doomedRefill;
    return kind === 'claim' ? doomedClaim : (arm) => doomedByItself(sleepy, arm);
  }

  /** What a session is asked before and after: neither its agent nor its memory may be another one. */
  async function doomedByItself(runtime: DeployedRuntime, arm: () => Promise<void>) {
    const id = randomUUID();
    const { bootId } = await berth.agents.invoke(runtime, id, { prompt });
    await arm();
    return () => assertSame(runtime, id, bootId);
  }

  async function doomedCall(runtime: DeployedRuntime, idle: string, arm: () => Promise<void>) {
    const id = randomUUID();
    const { bootId } = await berth.agents.invoke(runtime, id, { prompt });
    await until(idle, 1);
    await arm();
    // At the last steps it may have been answered just before.
    await berth.agents.invoke(runtime, id, {}).catch(() => {});
    return () => assertSame(runtime, id, bootId);
  }

  async function assertSame(runtime: DeployedRuntime, id: string, bootId: string): Promise<void> {
    const answer = await berth.agents.invoke(runtime, id, {});
    assert.deepEqual([answer.bootId, answer.heard], [bootId, [prompt]]);
    await berth.agents.stop(runtime, id);
  }

  async function doomedRefill(arm: () => Promise<void>) {
    await arm();
    await tag(pooled).catch(() => {});
    return async () => {
      await tag(pooled);
      await until('berth_pool_ready', 1);
      await assertClaimed(randomUUID());
    };
  }

  async function doomedClaim(arm: () => Promise<void>) {
    await tag(pooled);
    await until('berth_pool_frozen', 1);
    await arm();
    const id = randomUUID();
    await assert.rejects(berth.agents.invoke(server.hello, id, { prompt }));
    return async () => {
      await until('berth_pool_ready', 1);
      await assertClaimed(id);
    };
  }

  /** A session has a sandbox of its own, and none is left when it is stopped and nothing is kept ready any more. */
  async function assertClaimed(id: string): Promise<void> {
    const { hello } = server;
    const others = [randomUUID(), randomUUID()];
    const boots = [];
    for (const one of [id, id, ...others]) boots.push((await berth.agents.invoke(hello, one, {})).bootId);
    assert.equal(new Set(boots).size, 3);
    assert.equal(boots[0], boots[1]);
    const resourceArn = hello.arn;
    await berth.control.send(new UntagResourceCommand({ resourceArn, tagKeys: Object.keys(pooled) }));
    for (const one of [id, ...others]) await berth.agents.stop(hello, one);
  }

  async function tag(tags: Readonly<Record<string, string>>): Promise<void> {
    await berth.control.send(new TagResourceCommand({ resourceArn: server.hello.arn, tags }));
  }

  async function until(gauge: string, value: number): Promise<void> {
    const isThere = async () => new RegExp(`^${gauge} ${value}$`, 'm').test(await berth.metrics());
    while (!(await isThere())) await sleep(100);
  }

  for (const step of stepNames.filter(isOfIdleSandboxes)) {
    it(`at ${step} loses nothing and leaves nothing`, async () => {
      verifies('restart:killed-at-every-step');
      await server.dieAt(step, doomAt(step));
    });
  }

  it('at any of them leaves nothing on the machine when all sessions are ended', async () => {
    verifies('restart:killed-at-every-step', 'sandboxes:no-leaks');
    await berth.cli('down', '--sessions');
    assert.deepEqual(await leftoversOf(berth.server.home), []);
  });
});
