import { readdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, sleep } from '../../shared/clock.ts';

/** The host's control groups, version 1 (also beside an empty version 2) or 2. */
export interface Cgroups {
  readonly version: 1 | 2;
  /** Whether memory and swap can be limited together. */
  readonly hasSwapLimit: boolean;
  /** True when the kernel killed a process of the group for memory; false for a group that is gone. */
  wasOutOfMemory(path: string): Promise<boolean>;
  /** Names of the groups directly below `path`, in any hierarchy. */
  list(path: string): Promise<readonly string[]>;
  /** Numbers of the processes in the group; none for a group that is gone. */
  processes(path: string): Promise<readonly number[]>;
  /** Limits the group's memory, swap included; `undefined` lifts the limit. */
  limitMemory(path: string, bytes: number | undefined): Promise<void>;
  /** Limits the group's processes and threads. */
  limitTasks(path: string, count: number): Promise<void>;
  /** Stops every process of the group, or lets them go on. Resolves when they have stopped. Idempotent; nothing for a group that is gone. */
  freeze(path: string): Promise<void>;
  thaw(path: string): Promise<void>;
  /** Kills what is left in the group and removes it. Idempotent. */
  remove(path: string): Promise<void>;
}

export async function inspectCgroups(clock: Clock, mountPoint = '/sys/fs/cgroup'): Promise<Cgroups> {
  const isUnified = await exists(join(mountPoint, 'cgroup.controllers'));
  const hierarchies = isUnified
    ? [mountPoint]
    : (await readdir(mountPoint).catch(() => [])).map((name) => join(mountPoint, name));
  const memory = isUnified ? mountPoint : join(mountPoint, 'memory');

  async function groupsAt(path: string): Promise<readonly string[]> {
    const all = hierarchies.map((hierarchy) => join(hierarchy, path));
    const there = await Promise.all(all.map(exists));
    return all.filter((_, at) => there[at]);
  }

  const freezer = (path: string, file: string) =>
    join(isUnified ? mountPoint : join(mountPoint, 'freezer'), path, file);
  const [freezeFile, frozen, thawed] = isUnified
    ? ['cgroup.freeze', '1', '0']
    : ['freezer.state', 'FROZEN', 'THAWED'];

  async function setFreezer(path: string, state: string): Promise<void> {
    await writeFile(freezer(path, freezeFile), state, { flag: 'r+' }).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  async function isFrozen(path: string): Promise<boolean> {
    const text = await readFile(freezer(path, isUnified ? 'cgroup.events' : freezeFile), 'utf8').catch(
      () => undefined,
    );
    return text === undefined || (isUnified ? /^frozen 1$/m.test(text) : text.trim() === frozen);
  }

  async function removeGroup(group: string): Promise<void> {
    for (const child of await childrenOf(group)) await removeGroup(join(group, child));
    // What is frozen does not die in version 1.
    await writeFile(join(group, 'freezer.state'), 'THAWED', { flag: 'r+' }).catch(() => undefined);
    for (let attempt = 1; ; attempt += 1) {
      const pids = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
      for (const pid of pids.split('\n')) kill(Number(pid));
      try {
        await rmdir(group);
        return;
      } catch (error) {
        if (isMissing(error)) return;
        if (attempt === removeAttempts) throw error;
        await sleep(clock, 20);
      }
    }
  }

  return {
    version: isUnified ? 2 : 1,
    hasSwapLimit: isUnified
      ? await anyChildHas(mountPoint, 'memory.swap.max')
      : await exists(join(memory, 'memory.memsw.limit_in_bytes')),
    async wasOutOfMemory(path) {
      const file = join(memory, path, isUnified ? 'memory.events' : 'memory.oom_control');
      const text = await readFile(file, 'utf8').catch(() => '');
      return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0) > 0;
    },
    async list(path) {
      const names = await Promise.all((await groupsAt(path)).map(childrenOf));
      return [...new Set(names.flat())];
    },
    async processes(path) {
      const [group] = await groupsAt(path);
      if (group === undefined) return [];
      const pids = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
      return pids
        .split('\n')
        .map(Number)
        .filter((pid) => pid > 1);
    },
    async limitMemory(path, bytes) {
      const group = join(memory, path);
      if (isUnified) return writeFile(join(group, 'memory.max'), bytes === undefined ? 'max' : String(bytes));
      const limits = ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'];
      // With swap it may never be less than without.
      for (const file of bytes === undefined ? limits.toReversed() : limits) {
        if (await exists(join(group, file))) await writeFile(join(group, file), String(bytes ?? -1));
      }
      return undefined;
    },
    async limitTasks(path, count) {
      const group = isUnified ? join(mountPoint, path) : join(mountPoint, 'pids', path);
      await writeFile(join(group, 'pids.max'), String(count));
    },
    async freeze(path) {
      await setFreezer(path, frozen);
      for (let attempt = 1; attempt < freezeAttempts && !(await isFrozen(path)); attempt += 1)
        await sleep(clock, 5);
    },
    thaw: (path) => setFreezer(path, thawed),
    async remove(path) {
      for (const group of await groupsAt(path)) {
        // Version 1 has a link per alias, as in cpu,cpuacct: the second time it is gone.
        if (isUnified) await writeFile(join(group, 'cgroup.kill'), '1').catch(() => undefined);
        await removeGroup(group);
      }
    },
  };
}

const removeAttempts = 50;
const freezeAttempts = 200;

async function childrenOf(group: string): Promise<readonly string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function anyChildHas(folder: string, file: string): Promise<boolean> {
  for (const child of await childrenOf(folder)) if (await exists(join(folder, child, file))) return true;
  return false;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function kill(pid: number): void {
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
