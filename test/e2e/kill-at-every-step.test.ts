import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateAgentRuntimeCommand, GetAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { hostPlatform } from '../../src/images/platform.ts';
import { openOtherRegistry, type OtherRegistry } from '../../src/images/testing/other-registry.ts';
import { makeSampleImage } from '../../src/images/testing/sample-image.ts';
import { type StepName, stepNames } from '../../src/shared/steps.ts';
import type { BerthFixture } from '../fixture/berth-fixture.ts';
import { CrashingServer, type Doom, isOfIdleSandboxes } from '../fixture/crashing-server.ts';
import { leftoversOf } from '../fixture/leftovers.ts';
import { verifies } from '../requirements.ts';

describe('a server that is killed', { timeout: 600_000 }, () => {
  let server: CrashingServer;
  let berth: BerthFixture;
  let registry: OtherRegistry;

  before(async () => {
    registry = await openOtherRegistry();
    server = await CrashingServer.start(2);
    ({ berth } = server);
  });

  after(async () => {
    await server.destroy();
    await registry[Symbol.asyncDispose]();
  });

  function doomAt(step: StepName): Doom {
    const [kind] = step.split(':');
    if (kind === 'start' || kind === 'relay') return (arm) => doomedCall(step, arm);
    if (kind === 'stop') return doomedStop;
    return kind === 'handover' ? doomedUpgrade : (arm) => doomedPull(step, arm);
  }

  async function doomedCall(step: StepName, arm: () => Promise<void>) {
    const { hello, survivor } = server;
    const isStart = step.startsWith('start:');
    const id = isStart ? randomUUID() : survivor;
    await arm();
    const call = berth.agents.invoke(hello, id, { prompt: 'again' });
    // It has been answered by then.
    if (step === 'relay:over') await call.catch(() => {});
    else await assert.rejects(call);
    return async () => {
      const { bootId } = await berth.agents.invoke(hello, id, {});
      assert.equal((await berth.agents.invoke(hello, id, {})).bootId, bootId);
      if (isStart) await berth.agents.stop(hello, id);
    };
  }

  async function doomedStop(arm: () => Promise<void>) {
    const { hello } = server;
    const id = randomUUID();
    const { bootId } = await berth.agents.invoke(hello, id, {});
    await arm();
    await assert.rejects(berth.agents.stop(hello, id));
    return async () => {
      assert.notEqual((await berth.agents.invoke(hello, id, {})).bootId, bootId, 'it starts clean');
      await berth.agents.stop(hello, id);
    };
  }

  async function doomedPull(step: StepName, arm: () => Promise<void>) {
    const tag = step.replace(':', '-');
    const files = [`first of ${randomUUID()}`, `second of ${randomUUID()}`];
    registry.addImage(tag, makeSampleImage({ platform: hostPlatform(), files }));
    await arm();
    const settings = berth.settings(tag.replaceAll('-', '_'), `${registry.host}/app:${tag}`);
    const { agentRuntimeId } = await berth.control.send(new CreateAgentRuntimeCommand(settings));
    return async () => {
      for (;;) {
        const { status } = await berth.control.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
        if (status === 'READY') return;
        assert.equal(status, 'CREATING');
        await sleep(100);
      }
    };
  }

  async function doomedUpgrade(arm: () => Promise<void>) {
    await arm();
    await berth.upgrade().catch(() => {});
    return async () => {
      const { pid } = berth.process;
      await berth.upgrade();
      assert.notEqual(berth.process.pid, pid);
    };
  }

  for (const step of stepNames.filter((name) => !isOfIdleSandboxes(name))) {
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
