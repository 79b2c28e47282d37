import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { verifies } from '../../../../test/requirements.ts';
import { mountPoints } from '../disks/kernel-disks.ts';
import { memoryFolders } from './memory-folders.ts';

const mebibyte = 2 ** 20;

describe('folders in memory', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'berth-memory-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  /** Type and options of what is mounted there. */
  async function mountAt(path: string): Promise<string> {
    const line = (await readFile('/proc/mounts', 'utf8'))
      .split('\n')
      .find((one) => one.includes(` ${path} `));
    return line ?? '';
  }

  for (const [kernel, noSwap] of [
    ['this one', 'noswap'],
    ['one that knows no tmpfs without swap', 'noswap-is-unknown'],
  ] as const) {
    it(`are root's alone, and never in swap, on a kernel such as ${kernel}`, async () => {
      verifies('hibernation:no-swap');
      const folders = memoryFolders(dir, noSwap);

      const mount = await folders.use('sb-one', mebibyte, async (folder) => {
        await writeFile(join(folder, 'pages'), 'memory');
        assert.equal((await stat(folder)).mode & 0o777, 0o700);
        return mountAt(folder);
      });

      assert.match(mount, / tmpfs .*noswap|^berth-memory \S+ ramfs /);
      assert.match(mount, /nosuid,nodev,noexec/);
      assert.deepEqual([await mountPoints(dir), existsSync(folders.pathOf('sb-one'))], [[], false]);
    });
  }

  it('go also when something has a file in them open still', async () => {
    verifies('hibernation:swept');
    const folders = memoryFolders(dir);

    await using file = await folders.use('sb-one', mebibyte, (folder) => open(join(folder, 'pages'), 'w'));

    assert.equal((await file.stat()).size, 0);
    assert.deepEqual([await mountPoints(dir), existsSync(folders.pathOf('sb-one'))], [[], false]);
  });

  it('are swept but for those of sandboxes that are about to wake', async () => {
    verifies('hibernation:swept', 'hibernation:crash');
    const killed = memoryFolders(dir);
    void killed.use('sb-waking', mebibyte, () => new Promise(() => {}));
    void killed.use('sb-lost', mebibyte, () => new Promise(() => {}));
    while ((await mountPoints(dir)).length < 2) await setImmediate();

    const folders = memoryFolders(dir);

    assert.equal(await folders.sweep(new Set(['sb-waking'])), 1);
    assert.deepEqual(await mountPoints(dir), [folders.pathOf('sb-waking')]);
    assert.equal(await folders.sweep(new Set()), 1);
    assert.deepEqual(await mountPoints(dir), []);
  });

  it('hold no more than they are made for, where the kernel limits them', async () => {
    verifies('hibernation:room');
    const folders = memoryFolders(dir);
    await folders.use('sb-one', mebibyte, async (folder) => {
      if (!(await mountAt(folder)).includes(' tmpfs ')) return;
      await assert.rejects(writeFile(join(folder, 'pages'), Buffer.alloc(2 * mebibyte)), { code: 'ENOSPC' });
    });
  });
});
