import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifies } from '../../../../test/requirements.ts';
import type { Digest } from '../../../images/digest.ts';
import type { RunningSandbox } from '../../sandbox-driver.ts';
import { runInside, untilListening } from '../../testing/agent-client.ts';
import { putAgentLayers } from '../../testing/agent-image.ts';
import {
  type ContainerdUnderTest,
  enginesUnderTest,
  openContainerdUnderTest,
} from '../../testing/containerd-under-test.ts';
import { newSpec, startListening } from '../../testing/driver-under-test.ts';
import { mountPoints } from '../disks/kernel-disks.ts';

const run = promisify(execFile);
const mebibyte = 2 ** 20;
const never = new AbortController().signal;
const write = (path: string, text: string) => `(await load('node:fs')).writeFileSync('${path}', '${text}')`;
const read = (path: string) => `return (await load('node:fs')).readFileSync('${path}', 'utf8')`;

for (const which of enginesUnderTest) {
  describe(`Hibernation (${which}, gvisor)`, { timeout: 300_000 }, () => {
    let subject: ContainerdUnderTest;
    let image: Digest;
    /** Its user has no supplementary groups. */
    let ungrouped: Digest;
    let kept = '';

    before(async () => {
      subject = await openContainerdUnderTest(which, 'gvisor');
      const images = await putAgentLayers(subject.blobs);
      image = await images.make();
      ungrouped = await images.make({ User: '1234:2345' });
      for (const one of [image, ungrouped]) await subject.driver.prepareImage(one);
      kept = await mkdtemp(join(tmpdir(), 'berth-kept-'));
    });
    after(async () => {
      await subject.close();
      await rm(kept, { recursive: true });
    });

    const hibernation = () => {
      const { hibernation: found } = subject.driver;
      assert.ok(found !== undefined);
      return found;
    };
    const keep = (sandbox: RunningSandbox) => (folder: string) =>
      cp(folder, join(kept, sandbox.id), { recursive: true });
    const load = (sandbox: RunningSandbox) => async (folder: string) => {
      for (const name of await readdir(join(kept, sandbox.id)))
        await cp(join(kept, sandbox.id, name), join(folder, name));
    };
    const commit = async () => {};
    const sizeBytes = 256 * mebibyte;
    const leftovers = async () =>
      (await mountPoints(subject.home)).filter((point) => /memory|vol-/.test(point));

    it('has files on the host’s disk before memory is kept: a loss of power finds them as its memory knows them', async () => {
      verifies('hibernation:crash');
      const volume = await subject.volumes.create(64 * mebibyte);
      const sandbox = await startListening(subject, image, { storage: { volume, mountPath: '/mnt/data' } });
      const marks = ['/tmp/mark', '/mnt/data/mark'].map((path) => ({ path, text: randomUUID() }));
      for (const { path, text } of marks) await runInside(sandbox, write(path, text));
      const isInFile = async (text: string) => {
        const folders = ['disks', 'volumes'].map((name) => join(subject.home, name));
        return run('grep', [
          '--recursive',
          '--files-with-matches',
          '--text',
          '--include=*.ext4',
          text,
          ...folders,
        ]).then(
          () => true,
          () => false,
        );
      };

      await hibernation().checkpoint(sandbox.id, async () => {
        for (const { path, text } of marks) assert.ok(await isInFile(text), path);
      });

      await subject.driver.remove(sandbox.id, 0);
    });

    it('brings memory, files and storage back at another address, as a sandbox like any other', async () => {
      verifies('hibernation:wakes');
      const volume = await subject.volumes.create(64 * mebibyte);
      const sandbox = await startListening(subject, image, { storage: { volume, mountPath: '/mnt/data' } });
      await runInside(sandbox, 'globalThis.remembered = "in memory"; globalThis.since = performance.now()');
      for (const path of ['/tmp/note', '/dev/shm/note', '/mnt/data/note'])
        await runInside(sandbox, write(path, path));
      const secondsBefore = Number(await runInside(sandbox, 'return Date.now()'));

      await hibernation().checkpoint(sandbox.id, keep(sandbox));
      await hibernation().park(sandbox.id);

      assert.equal(await hibernation().presence(sandbox.id), 'parked');
      assert.deepEqual(await subject.driver.list(), []);
      assert.deepEqual(await leftovers(), []);
      await subject.driver.sweep(new Set([sandbox.id]));
      const woken = await hibernation().wake(sandbox.id, { load: load(sandbox), commit, sizeBytes }, never);

      assert.notEqual(woken.address.host, sandbox.address.host);
      await untilListening(woken);
      assert.equal(await runInside(woken, 'return globalThis.remembered'), 'in memory');
      for (const path of ['/tmp/note', '/dev/shm/note', '/mnt/data/note'])
        assert.equal(await runInside(woken, read(path)), path);
      assert.ok(Number(await runInside(woken, 'return Date.now()')) > secondsBefore);
      assert.deepEqual(
        (await subject.driver.list()).map(({ id }) => id),
        [sandbox.id],
      );
      assert.ok((await subject.driver.list()).every(({ address }) => address.host === woken.address.host));
      const exit = subject.driver.waitForExit(sandbox.id);
      await subject.driver.remove(sandbox.id, 1_000);
      assert.equal((await exit).exitCode > 0, true);
      assert.deepEqual(await leftovers(), []);
      await subject.volumes.remove(volume);
    });

    it('can be done again and again', async () => {
      verifies('hibernation:wakes');
      let sandbox = await startListening(subject, ungrouped);
      await runInside(sandbox, 'globalThis.count = 0');
      for (let round = 1; round <= 3; round += 1) {
        await hibernation().checkpoint(sandbox.id, keep(sandbox));
        await hibernation().park(sandbox.id);
        sandbox = await hibernation().wake(sandbox.id, { load: load(sandbox), commit, sizeBytes }, never);
        await untilListening(sandbox);
        assert.equal(await runInside(sandbox, 'globalThis.count += 1; return globalThis.count'), round);
        await rm(join(kept, sandbox.id), { recursive: true });
      }
      await subject.driver.remove(sandbox.id, 0);
    });

    it('leaves the sandbox running when its memory cannot be kept', async () => {
      verifies('hibernation:falls-back');
      const sandbox = await startListening(subject, image);
      await runInside(sandbox, 'globalThis.count = 1');

      const failed = hibernation().checkpoint(sandbox.id, async () => {
        throw new Error('the disk is full');
      });

      await assert.rejects(failed, /the disk is full/);
      assert.equal(await runInside(sandbox, 'return globalThis.count'), 1);
      assert.equal(await hibernation().presence(sandbox.id), 'running');
      const limits = await runInside(sandbox, `return (await load('node:os')).totalmem()`);
      assert.ok(Number(limits) <= 256 * mebibyte);
      await subject.driver.remove(sandbox.id, 0);
    });

    it('takes a sandbox to disk although containerd is killed when that has just begun', async () => {
      verifies('hibernation:engine-killed');
      const sandbox = await startListening(subject, image);
      // While it is stopped, which takes some 20 ms.
      for (const afterMs of [5, 10, 15]) {
        const kept = hibernation().checkpoint(sandbox.id, async () => 'kept');
        await sleep(afterMs);
        assert.ok(subject.engine.daemonPid !== undefined);
        process.kill(subject.engine.daemonPid, 'SIGKILL');
        assert.equal(await kept, 'kept', `killed after ${afterMs} ms`);
        await hibernation().goOn(sandbox.id);
        assert.equal(await runInside(sandbox, 'return 1'), 1, `goes on when killed after ${afterMs} ms`);
      }
      await subject.driver.remove(sandbox.id, 0);
    });

    it('takes a sandbox to disk that uses most of the memory and few of the processes it may have', async () => {
      verifies('hibernation:wakes');
      const limits = { ...newSpec(subject, image).limits, pids: 16 };
      const sandbox = await startListening(subject, image, { limits });
      await runInside(sandbox, 'globalThis.big = Buffer.alloc(130 << 20, 7)');
      await hibernation().checkpoint(sandbox.id, keep(sandbox));
      await hibernation().park(sandbox.id);
      const woken = await hibernation().wake(sandbox.id, { load: load(sandbox), commit, sizeBytes }, never);
      await untilListening(woken);
      assert.equal(await runInside(woken, 'return globalThis.big.every((byte) => byte === 7)'), true);
      const run = `(await load('node:child_process')).spawnSync(process.execPath, ['-p', '6 * 7'])`;
      assert.equal(await runInside(woken, `return ${run}.stdout?.toString()`), '42\n');
      await subject.driver.remove(sandbox.id, 0);
      await rm(join(kept, sandbox.id), { recursive: true });
    });

    it('stays parked when a wake fails before it is committed, or is not wanted any more', async () => {
      verifies('hibernation:try-again');
      const sandbox = await startListening(subject, image);
      await runInside(sandbox, 'globalThis.count = 5');
      await hibernation().checkpoint(sandbox.id, keep(sandbox));
      await hibernation().park(sandbox.id);
      const failures = [
        { load: () => Promise.reject(new Error('no key')), commit, sizeBytes },
        { load: load(sandbox), commit: () => Promise.reject(new Error('no database')), sizeBytes },
      ];
      for (const waking of failures) {
        await assert.rejects(hibernation().wake(sandbox.id, waking, never), /no (key|database)/);
        assert.equal(await hibernation().presence(sandbox.id), 'parked');
      }
      const unwanted = new AbortController();
      const leaving = async (folder: string) => {
        await load(sandbox)(folder);
        unwanted.abort(new Error('left'));
      };
      await assert.rejects(
        hibernation().wake(sandbox.id, { load: leaving, commit, sizeBytes }, unwanted.signal),
        /left/,
      );

      const woken = await hibernation().wake(sandbox.id, { load: load(sandbox), commit, sizeBytes }, never);
      await untilListening(woken);
      assert.equal(await runInside(woken, 'return globalThis.count'), 5);
      await subject.driver.remove(sandbox.id, 0);
    });

    it('is refused for now when the machine has not the memory for it twice, and stays parked', async () => {
      verifies('hibernation:room', 'hibernation:try-again');
      const sandbox = await startListening(subject, image);
      await hibernation().checkpoint(sandbox.id, keep(sandbox));
      await hibernation().park(sandbox.id);

      const refused = hibernation().wake(
        sandbox.id,
        { load: load(sandbox), commit, sizeBytes: 2 ** 50 },
        never,
      );

      await assert.rejects(refused, { code: 'throttled', message: /too little memory to wake a session/ });
      assert.equal(await hibernation().presence(sandbox.id), 'parked');
      const woken = await hibernation().wake(sandbox.id, { load: load(sandbox), commit, sizeBytes }, never);
      await untilListening(woken);
      await subject.driver.remove(sandbox.id, 0);
    });

    it('fails when what it is given is no memory of a sandbox, and leaves nothing when that is removed', async () => {
      verifies('hibernation:truthful');
      const sandbox = await startListening(subject, image);
      await hibernation().checkpoint(sandbox.id, keep(sandbox));
      await hibernation().park(sandbox.id);

      await assert.rejects(
        hibernation().wake(sandbox.id, { load: async () => {}, commit, sizeBytes }, never),
      );

      await subject.driver.remove(sandbox.id, 0);
      assert.equal(await hibernation().presence(sandbox.id), 'gone');
      assert.deepEqual(await leftovers(), []);
    });

    it('is found as it is by another server: stopped and going on, parked, or about to be started', async () => {
      verifies('hibernation:crash');
      const sandbox = await startListening(subject, image);
      await runInside(sandbox, 'globalThis.count = 9');
      await hibernation().checkpoint(sandbox.id, keep(sandbox));

      await using next = await subject.reopen();
      assert.ok(next.hibernation !== undefined);
      assert.equal(await next.hibernation.presence(sandbox.id), 'running');
      await next.hibernation.goOn(sandbox.id);
      assert.equal(await runInside(sandbox, 'return globalThis.count'), 9);

      await next.hibernation.checkpoint(sandbox.id, async () => {});
      await next.hibernation.park(sandbox.id);
      await next.hibernation.park(sandbox.id);
      const { promise: committed, resolve: isCommitted } = Promise.withResolvers<void>();
      // The server that gets here is as good as dead.
      const killed = () => {
        isCommitted();
        return new Promise<void>(() => {});
      };
      void hibernation().wake(sandbox.id, { load: load(sandbox), commit: killed, sizeBytes }, never);
      await committed;

      assert.equal(await next.hibernation.presence(sandbox.id), 'created');
      const woken = await next.hibernation.finishWaking(sandbox.id);
      await untilListening(woken);
      assert.equal(await runInside(woken, 'return globalThis.count'), 9);
      await next.remove(sandbox.id, 0);
    });

    it('is none for runc, and not for what is not there', async () => {
      verifies('hibernation:option');
      assert.deepEqual(
        [hibernation().canHibernate('runc'), hibernation().canHibernate('gvisor')],
        [false, true],
      );
      const { id } = newSpec(subject, image);
      assert.equal(await hibernation().presence(id), 'gone');
      await assert.rejects(hibernation().park(id), { code: 'not-found' });
    });
  });
}
