import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { cgroupUse } from './cgroup-use.ts';

const { signal } = new AbortController();

describe('What a control group takes of the machine', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'berth-cgroup-use-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  async function put(path: string, content: string): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const textOf = (path: string) => readFile(join(root, path), 'utf8');

  it('is read and taken back in version 1', async () => {
    await put('memory/b/one/memory.usage_in_bytes', '5000\n');
    await put(
      'memory/b/one/memory.stat',
      'cache 3000\ninactive_file 1\ntotal_inactive_file 1000\ntotal_swap 300\n',
    );
    await put('memory/b/one/memory.force_empty', '');
    await put('cpuacct/b/one/cpuacct.usage', '7000000\n');
    const use = cgroupUse({ version: 1, hasSwapLimit: true }, root);

    assert.equal((await use.usage('/b/one'))?.cpuMs, 7);
    assert.equal(await use.usage('/b/gone'), undefined);
    assert.deepEqual([await use.swappedBytes('/b/one'), await use.swappedBytes('/b/gone')], [300, 0]);
    await use.reclaim('/b/one', signal);
    assert.equal(await textOf('memory/b/one/memory.force_empty'), '0');
  });

  it('is read and taken back in version 2, where swap is allowed for that long', async () => {
    await put('b/one/memory.current', '5000\n');
    await put('b/one/memory.stat', 'anon 2000\ninactive_file 1000\nactive_file 2000\n');
    await put('b/one/memory.reclaim', '');
    await put('b/one/memory.swap.max', '0\n');
    await put('b/one/memory.swap.current', '300\n');
    await put('b/one/cpu.stat', 'usage_usec 7000\nuser_usec 1\n');
    const use = cgroupUse({ version: 2, hasSwapLimit: true }, root);

    assert.deepEqual(await use.usage('/b/one'), { memoryBytes: 4000, cpuMs: 7 });
    assert.deepEqual([await use.swappedBytes('/b/one'), await use.swappedBytes('/b/gone')], [300, 0]);
    await use.reclaim('/b/one', signal);
    assert.equal(await textOf('b/one/memory.reclaim'), '5000');
    assert.match(await textOf('b/one/memory.swap.max'), /^max/);
    await use.keepFromSwap('/b/one');
    assert.match(await textOf('b/one/memory.swap.max'), /^0/);
  });

  it('can be swapped out only on a machine with swap', async () => {
    verifies('freeze:reclaim');
    await put('swaps', 'Filename\tType\tSize\tUsed\tPriority\n');
    const use = cgroupUse({ version: 1, hasSwapLimit: true }, root, join(root, 'swaps'));
    assert.equal(await use.hasSwap(), false);
    await put('swaps', 'Filename\tType\tSize\tUsed\tPriority\n/dev/zram0\tpartition\t1048572\t0\t-2\n');
    assert.equal(await use.hasSwap(), true);
  });
});
