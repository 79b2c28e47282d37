import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { CreateAgentRuntimeCommand, GetAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { hostPlatform } from '../../src/images/platform.ts';
import { openOtherRegistry } from '../../src/images/testing/other-registry.ts';
import { makeBombLayer } from '../fixture/bomb-layer.ts';
import { makeSampleImage } from '../../src/images/testing/sample-image.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { leftoversOf } from '../fixture/leftovers.ts';
import { verifies } from '../requirements.ts';

const run = promisify(execFile);
const mebibyte = 2 ** 20;

describe('a machine whose disk is full', { timeout: 300_000 }, () => {
  let folder: string;
  let disk: string;
  let berth: BerthFixture;
  let runtime: DeployedRuntime;
  const live = randomUUID();
  let bootId: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-disk-'));
    disk = join(folder, 'disk');
    // Content and unpacked image take 400 MB, the reserve a gibibyte.
    await run('truncate', ['--size', '2500M', `${disk}.ext4`]);
    await run('mkfs.ext4', ['-q', '-m', '0', `${disk}.ext4`]);
    await run('mkdir', [disk]);
    await run('mount', ['-o', 'loop', `${disk}.ext4`, disk]);
    berth = await BerthFixture.start({ BERTH_SANDBOX_DISK: '900MiB' }, { home: join(disk, 'home') });
    runtime = await berth.deploy('unruly', 'unruly');
    ({ bootId } = await tell(live, 'hello'));
  });

  after(async () => {
    await berth.destroy();
    await run('umount', [disk]);
    await rm(folder, { recursive: true, force: true });
  });

  async function tell(runtimeSessionId: string, deed: string): Promise<{ bootId: string }> {
    const payload = Buffer.from(JSON.stringify({ deed }));
    const command = new InvokeAgentRuntimeCommand({
      agentRuntimeArn: runtime.arn,
      runtimeSessionId,
      payload,
    });
    const { response } = await berth.data.send(command);
    return JSON.parse((await response?.transformToString()) ?? '') as { bootId: string };
  }

  async function assertAllIsWell(): Promise<void> {
    assert.equal((await tell(live, 'hello')).bootId, bootId);
    assert.equal((await fetch(`${berth.server.url}/readyz`)).status, 200);
  }

  async function endReasonOf(sessionId: string): Promise<string | undefined> {
    return (await berth.session(runtime, sessionId)).endReason;
  }

  it('ends the sandbox that takes the most before the host has nothing left, and only that', async () => {
    verifies('sandboxes:disk-pressure');
    const greedy = [randomUUID(), randomUUID(), randomUUID()];
    await Promise.allSettled(greedy.map((id) => tell(id, 'fillDisk')));
    // What they wrote comes to the host's disk when the kernel writes it back.
    let reasons: readonly (string | undefined)[] = [];
    while (!reasons.includes('disk-pressure')) {
      await sleep(500);
      reasons = await Promise.all(greedy.map(endReasonOf));
    }
    await assertAllIsWell();
    for (const id of greedy) await berth.agents.stop(runtime, id);
  });

  it('refuses an image that does not fit when it is unpacked, and has its room back', async () => {
    verifies('images:bomb');
    const before = await freeMebibytes();
    await using registry = await openOtherRegistry();
    const layers = [makeBombLayer(3_000)];
    registry.addImage('v1', makeSampleImage({ platform: hostPlatform(), layers }));
    const settings = berth.settings('bomb', `${registry.host}/app:v1`);
    const { agentRuntimeId } = await berth.control.send(new CreateAgentRuntimeCommand(settings));
    let state;
    do {
      await sleep(100);
      state = await berth.control.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
    } while (state.status === 'CREATING');
    assert.equal(state.status, 'CREATE_FAILED');
    assert.match(state.failureReason ?? '', /does not fit on the host's disk/);
    await assertAllIsWell();
    while ((await freeMebibytes()) < before - 50) await sleep(200);
  });

  it('starts nothing new and says why; what runs goes on; all is well when there is room again', async () => {
    verifies('sandboxes:host-disk-full');
    await fillUp(8);

    // Disks that were prepared while there was room may still be used.
    let refused: unknown;
    for (let starts = 0; starts < 20 && refused === undefined; starts += 1) {
      refused = await tell(randomUUID(), 'hello').then(
        () => undefined,
        (error: unknown) => error,
      );
    }
    assert.ok(refused instanceof Error, 'sandboxes go on being started on a full disk');
    assert.match(refused.message, /disk|space/i);
    await assertAllIsWell();

    await rm(join(disk, 'filler'));
    await untilStarted();
  });

  it('with nothing left at all the server goes on, starts again, and ends all sessions', async () => {
    verifies('sandboxes:host-disk-full', 'cli:down');
    await fillUp(0);
    await assertAllIsWell();
    await berth.process.kill();
    await berth.process.start();
    await assertAllIsWell();
    await berth.cli('down', '--sessions');
    assert.deepEqual(
      (await leftoversOf(berth.server.home)).filter((line) => !line.includes(`${disk} ext4`)),
      [],
    );
    await rm(join(disk, 'filler'));
  });

  async function fillUp(leftMebibytes: number): Promise<void> {
    const file = await open(join(disk, 'filler'), 'w');
    const chunk = Buffer.alloc(mebibyte, 1);
    try {
      while ((await freeMebibytes()) > leftMebibytes || leftMebibytes === 0) await file.write(chunk);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      await file.close();
    }
  }

  async function freeMebibytes(): Promise<number> {
    const { bavail, bsize } = await statfs(disk);
    return (bavail * bsize) / mebibyte;
  }

  async function untilStarted(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await tell(randomUUID(), 'hello');
        return;
      } catch (error) {
        if (attempt === 120) throw error;
        await sleep(500);
      }
    }
  }
});
