import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { Digest } from '../../images/digest.ts';
import type { RunningSandbox } from '../sandbox-driver.ts';
import { runInside } from '../testing/agent-client.ts';
import { newSpec, startListening } from '../testing/driver-under-test.ts';
import { type AttemptsProgram, buildAttempts } from './attempts-program.ts';
import type { EscapeUnderTest } from './sandbox-escape-contract.ts';

const mebibyte = 1024 * 1024;

/** What takes all it can get: it must come to an end within its sandbox, while the host and a neighbour go on. */
export function describeSandboxBombs(name: string, open: () => Promise<EscapeUnderTest>): void {
  describe(`Bombs in a sandbox of ${name}`, { timeout: 300_000 }, () => {
    let subject: EscapeUnderTest;
    let program: AttemptsProgram;
    let image: Digest;
    let neighbour: RunningSandbox;

    before(async () => {
      [subject, program] = await Promise.all([open(), buildAttempts()]);
      image = await program.putImage(subject.blobs);
      await subject.driver.prepareImage(image);
      neighbour = await startListening(subject, image);
    });
    after(async () => {
      await subject?.close();
      await program?.[Symbol.asyncDispose]();
    });

    /** Runs one in a sandbox of its own until it ends by itself, or for as long as one may. Resolves to what it says. */
    async function explode(call: string, ...args: readonly string[]): Promise<string> {
      const limits = { ...newSpec(subject, image).limits, memoryBytes: 160 * mebibyte };
      const victim = await startListening(subject, image, { limits });
      try {
        await using bomb = await subject.driver.exec(victim.id, { args: ['/app/attempts', call, ...args] });
        const said = text(bomb.stdout);
        const cancel = setTimeout(() => void bomb.kill('SIGKILL'), bombLimitMs);
        const isUsable = await neighbourWorks();
        await bomb.exit;
        clearTimeout(cancel);
        assert.ok(isUsable && (await neighbourWorks()), 'the neighbour does not answer');
        return (await said).trim();
      } finally {
        // It can always be ended, whatever it has become, and leaves nothing.
        await subject.driver.remove(victim.id, 0);
        const left = (await subject.driver.list()).map(({ id }) => id);
        assert.deepEqual(left, [neighbour.id]);
      }
    }

    /** Computes, forks, writes and opens. */
    async function neighbourWorks(): Promise<boolean> {
      const seen = await runInside(
        neighbour,
        `const fs = await load('node:fs'); const { spawnSync } = await load('node:child_process');
         fs.writeFileSync('/tmp/works', 'yes');
         return [fs.readFileSync('/tmp/works', 'utf8'), spawnSync('sleep', ['0']).status]`,
      );
      assert.deepEqual(seen, ['yes', 0]);
      return true;
    }

    it('of processes and threads end at a limit', async () => {
      verifies('isolation:bombs');
      assert.notEqual(await explode('forks'), 'done');
      assert.notEqual(await explode('threads'), 'done');
    });

    it('of memory, pipes and descriptors end at a limit', async () => {
      verifies('isolation:bombs');
      for (const call of ['memory', 'pipes', 'descriptors']) {
        assert.notEqual(await explode(call), 'done', call);
      }
    });

    it('of bytes and of empty files end at the limit of the disk', async () => {
      verifies('isolation:bombs');
      const free = await hostFiles();

      const said = await explode('files', '/tmp');

      assert.match(said, /^(ENOSPC|ENOMEM|)$/);
      assert.ok((await hostFiles()) > free - 10_000, 'files of a sandbox take room of the host');
    });

    it('of connections end at a limit, and the listener goes on serving others', async () => {
      verifies('isolation:bombs');
      const hosts = String(
        await runInside(neighbour, `return (await load('node:fs')).readFileSync('/etc/hosts', 'utf8')`),
      );
      const gateway = /^(\S+)\tberth\.internal$/m.exec(hosts)?.[1] ?? assert.fail(hosts);
      const server = createServer((socket) => socket.on('error', () => {}));
      server.listen(subject.internalPort, gateway);
      await once(server, 'listening');
      const victim = await startListening(subject, image);
      try {
        await using bomb = await subject.driver.exec(victim.id, {
          args: ['/app/attempts', 'connections', gateway, String(subject.internalPort), '2000'],
        });
        const open = Number(await text(bomb.stdout));

        assert.ok(open > 100 && open <= 256, `${open} connections`);
        const own = await runInside(
          neighbour,
          `const { connect } = await load('node:net');
           return new Promise((resolve) => { const socket = connect(${subject.internalPort}, '${gateway}');
             socket.on('connect', () => { socket.destroy(); resolve('connected') }); socket.on('error', (error) => resolve(error.code)) })`,
        );
        assert.equal(own, 'connected');
      } finally {
        server.close();
        await subject.driver.remove(victim.id, 0);
      }
    });

    async function hostFiles(): Promise<number> {
      return (await statfs(subject.disksDir)).ffree;
    }
  });
}

const bombLimitMs = 10_000;
