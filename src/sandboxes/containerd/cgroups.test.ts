import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { inspectCgroups } from './cgroups.ts';

describe('The control groups of the host', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'berth-cgroup-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  async function put(path: string, content = ''): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }

  it('are read in version 1', async () => {
    await put('memory/memory.memsw.limit_in_bytes');
    await put('memory/b/one/memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n');
    await put('memory/b/two/memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n');
    await mkdir(join(root, 'pids/b/three'), { recursive: true });

    const cgroups = await inspectCgroups(systemClock, root);

    assert.deepEqual([cgroups.version, cgroups.hasSwapLimit], [1, true]);
    assert.equal(await cgroups.wasOutOfMemory('/b/one'), true);
    assert.equal(await cgroups.wasOutOfMemory('/b/two'), false);
    assert.equal(await cgroups.wasOutOfMemory('/b/gone'), false);
    assert.deepEqual((await cgroups.list('/b')).toSorted(), ['one', 'three', 'two']);
  });

  it('are read in version 2', async () => {
    await put('cgroup.controllers', 'memory pids');
    await put('b/one/memory.events', 'low 0\noom 3\noom_kill 2\noom_group_kill 0\n');

    const cgroups = await inspectCgroups(systemClock, root);

    assert.deepEqual([cgroups.version, cgroups.hasSwapLimit], [2, false]);
    assert.equal(await cgroups.wasOutOfMemory('/b/one'), true);
    assert.deepEqual(await cgroups.list('/b'), ['one']);
  });

  it('are limited in tasks, in either version', async () => {
    await put('pids/b/one/pids.max', 'max');
    await (await inspectCgroups(systemClock, root)).limitTasks('/b/one', 7);
    assert.equal(await readFile(join(root, 'pids/b/one/pids.max'), 'utf8'), '7');

    await put('cgroup.controllers', 'pids');
    await put('b/one/pids.max', 'max');
    await (await inspectCgroups(systemClock, root)).limitTasks('/b/one', 8);
    assert.equal(await readFile(join(root, 'b/one/pids.max'), 'utf8'), '8');
  });

  it('are frozen and thawed, and nothing is done to one that is gone', async () => {
    await put('freezer/b/one/freezer.state', 'THAWED');
    const old = await inspectCgroups(systemClock, root);
    await old.freeze('/b/one');
    assert.equal(await readFile(join(root, 'freezer/b/one/freezer.state'), 'utf8'), 'FROZEN');
    await old.thaw('/b/one');
    await old.freeze('/b/gone');
    assert.equal(await readFile(join(root, 'freezer/b/one/freezer.state'), 'utf8'), 'THAWED');

    await put('cgroup.controllers');
    await put('b/one/cgroup.freeze', '0');
    await put('b/one/cgroup.events', 'populated 1\nfrozen 1\n');
    const unified = await inspectCgroups(systemClock, root);
    await unified.freeze('/b/one');
    assert.equal(await readFile(join(root, 'b/one/cgroup.freeze'), 'utf8'), '1');
  });

  it('are removed with what is below them, and once only', async () => {
    await mkdir(join(root, 'memory/b/one/inner'), { recursive: true });
    await mkdir(join(root, 'pids/b/one'), { recursive: true });
    const cgroups = await inspectCgroups(systemClock, root);

    await cgroups.remove('/b/one');
    await cgroups.remove('/b/one');

    assert.deepEqual(await cgroups.list('/b'), []);
  });
});
