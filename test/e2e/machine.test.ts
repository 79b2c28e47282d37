import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GetAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture, berthCommand } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

const run = promisify(execFile);
const mebibyte = 2 ** 20;

describe('a machine whose disk is full', { timeout: 180_000 }, () => {
  let folder: string;
  let home: string;
  let berth: BerthFixture;
  let runtime: DeployedRuntime;
  const live = randomUUID();
  let bootId: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-disk-'));
    home = join(folder, 'home');
    // Content and unpacked image take 400 MB, prepared disks next to nothing, the reserve a gibibyte.
    await run('truncate', ['--size', '2500M', join(folder, 'disk')]);
    await run('mkfs.ext4', ['-q', join(folder, 'disk')]);
    await run('mkdir', [home]);
    await run('mount', ['-o', 'loop', join(folder, 'disk'), home]);
    berth = await BerthFixture.start({}, { home: join(home, 'state') });
    runtime = await berth.deploy('hello-node', 'hello');
    ({ bootId } = await berth.agents.invoke(runtime, live, {}));
  });

  after(async () => {
    await berth.destroy();
    await run('umount', [home]);
    await rm(folder, { recursive: true, force: true });
  });

  it('starts nothing new and says why; what runs goes on; all is well when there is room again', async () => {
    verifies('sandboxes:host-disk-full');
    await fill(8);

    // Disks that were prepared while there was room may still be used.
    let refused: unknown;
    for (let starts = 0; starts < 20 && refused === undefined; starts += 1) {
      refused = await berth.agents.invoke(runtime, randomUUID(), {}).then(
        () => undefined,
        (error: unknown) => error,
      );
    }
    assert.ok(refused instanceof Error, 'sandboxes go on being started on a full disk');
    assert.match(refused.message, /disk|space/i);
    const after = await berth.agents.invoke(runtime, live, { prompt: 'still there?' });
    assert.equal(after.bootId, bootId);
    const known = await berth.control.send(new GetAgentRuntimeCommand({ agentRuntimeId: runtime.id }));
    assert.equal(known.status, 'READY');

    await rm(join(home, 'filler'));
    await untilStarted();
  });

  /** Leaves so many mebibytes. */
  async function fill(leftMebibytes: number): Promise<void> {
    const file = await open(join(home, 'filler'), 'w');
    const chunk = Buffer.alloc(mebibyte, 1);
    while (await isMoreLeft(leftMebibytes)) await file.write(chunk);
    await file.close();
  }

  async function isMoreLeft(mebibytes: number): Promise<boolean> {
    const { bavail, bsize } = await statfs(home);
    return bavail * bsize > mebibytes * mebibyte;
  }

  async function untilStarted(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await berth.agents.invoke(runtime, randomUUID(), {});
        return;
      } catch (error) {
        if (attempt === 20) throw error;
        await sleep(500);
      }
    }
  }
});

describe('two servers that race for one home', { timeout: 60_000 }, () => {
  it('one runs, the other says who has it', async () => {
    verifies('cli:up-second');
    const home = await mkdtemp(join(tmpdir(), 'berth-race-'));
    const servers = [0, 1].map(() => {
      const server = spawn(berthCommand, ['up', '--home', home, '--listen', '127.0.0.1:0'], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      return { server, said: text(server.stderr), exited: once(server, 'exit') };
    });
    const [loser] = await Promise.race(servers.map((one) => one.exited.then(() => [one] as const)));
    assert.match(await loser.said, /Another Berth server is using|is already running on/);
    assert.equal(loser.server.exitCode, 1);
    const [winner] = servers.filter((one) => one !== loser);
    assert.ok(winner !== undefined && winner.server.exitCode === null);
    winner.server.kill('SIGTERM');
    await winner.exited;
    await rm(home, { recursive: true, force: true });
  });
});
