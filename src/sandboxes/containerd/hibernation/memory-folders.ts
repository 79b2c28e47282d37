import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandFailure, runCommand } from '../run-command.ts';
import { mountPoints } from '../disks/kernel-disks.ts';

/** Folders whose files are in memory only, never in swap, one for each sandbox that is on its way to disk or back. */
export interface MemoryFolders {
  /** Where the one of a sandbox is. */
  pathOf(id: string): string;
  /** Makes it, empty, for files of `sizeBytes` at most, and lets it go when `work` is done. */
  use<Result>(id: string, sizeBytes: number, work: (folder: string) => Promise<Result>): Promise<Result>;
  /** Lets one go that a killed server left. Idempotent. */
  remove(id: string): Promise<void>;
  /** Lets all go that neither this process uses nor a sandbox of `keep` may still need; returns how many. */
  sweep(keep: ReadonlySet<string>): Promise<number>;
}

/** `noSwap` is the option that keeps a tmpfs out of swap, since Linux 6.4. */
export function memoryFolders(dir: string, noSwap = 'noswap'): MemoryFolders {
  const inUse = new Set<string>();
  const pathOf = (id: string) => join(dir, id);

  async function remove(id: string): Promise<void> {
    const path = pathOf(id);
    if (!existsSync(path)) return;
    const mounted = join(await realpath(dir), id);
    // gVisor may close what it has read a moment later: the memory is free as soon as it has.
    while ((await mountPoints(await realpath(dir))).includes(mounted))
      await runCommand('umount', ['-l', mounted]);
    await rmdir(path);
  }

  return {
    pathOf,
    remove,
    async use(id, sizeBytes, work) {
      inUse.add(id);
      try {
        await remove(id);
        await mkdir(pathOf(id), { recursive: true, mode: 0o700 });
        await mountMemory(pathOf(id), sizeBytes, noSwap);
        return await work(pathOf(id));
      } finally {
        // What is left of one that fails is swept.
        await remove(id).catch(() => undefined);
        inUse.delete(id);
      }
    },
    async sweep(keep) {
      const lost = (await readdir(dir).catch(() => [])).filter((id) => !keep.has(id));
      let removed = 0;
      for (const id of lost) {
        // It may have come into use meanwhile.
        if (inUse.has(id)) continue;
        await remove(id);
        removed += 1;
      }
      return removed;
    },
  };
}

/** Swap is disk, and what is in these files is not to be on any in clear. */
async function mountMemory(path: string, sizeBytes: number, noSwap: string): Promise<void> {
  const mount = (type: string, options: string) =>
    runCommand('mount', ['-t', type, '-o', `${options},nosuid,nodev,noexec`, 'berth-memory', path]);
  try {
    await mount('tmpfs', `size=${sizeBytes},mode=0700,${noSwap}`);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    // An older kernel. Its ramfs is never swapped out either, but knows no limit: what is written is a sandbox's memory, which has one.
    await mount('ramfs', 'mode=0700');
  }
}
