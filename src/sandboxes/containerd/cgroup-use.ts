import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxUsage } from '../sandbox-driver.ts';
import type { Cgroups } from './cgroups.ts';
import { runCommand } from './run-command.ts';

/** What control groups take of the machine, and how to take it back. Paths are those of `Cgroups`. */
export interface CgroupUse {
  /** Undefined for a group that is gone. */
  usage(path: string): Promise<SandboxUsage | undefined>;
  /** Of the group's memory, in swap now; 0 for a group that is gone, and where that is not counted. */
  swappedBytes(path: string): Promise<number>;
  /** True when the machine has swap (zram is swap, too): without it only file cache could be given back. */
  hasSwap(): Promise<boolean>;
  /**
   * Has the kernel move the group's memory to swap, for at most `reclaimLimitMs`. Never rejects: what it cannot take back, it
   * leaves.
   */
  reclaim(path: string, signal: AbortSignal): Promise<void>;
  /** After `reclaim`: the group's memory may not be swapped out any more, as before it. */
  keepFromSwap(path: string): Promise<void>;
}

const reclaimLimitMs = 5_000;

export function cgroupUse(
  { version, hasSwapLimit }: Pick<Cgroups, 'version' | 'hasSwapLimit'>,
  mountPoint = '/sys/fs/cgroup',
  swapsFile = '/proc/swaps',
): CgroupUse {
  const isUnified = version === 2;
  const fileOf = (hierarchy: string, path: string, file: string) =>
    isUnified ? join(mountPoint, path, file) : join(mountPoint, hierarchy, path, file);
  const read = (file: string) => readFile(file, 'utf8').catch(() => undefined);

  /** By a process of its own, because the kernel answers when it is done, and may take long. */
  async function order(text: string, file: string, signal: AbortSignal): Promise<void> {
    const args = ['-c', 'printf %s "$1" > "$0"', file, text];
    await runCommand('sh', args, { timeoutMs: reclaimLimitMs, signal }).catch(() => undefined);
  }

  async function allowSwap(limit: string, path: string): Promise<void> {
    if (!isUnified || !hasSwapLimit) return;
    await writeFile(fileOf('memory', path, 'memory.swap.max'), limit, { flag: 'r+' }).catch(() => undefined);
  }

  return {
    async usage(path) {
      const [total, stat, cpu] = await Promise.all([
        read(fileOf('memory', path, isUnified ? 'memory.current' : 'memory.usage_in_bytes')),
        read(fileOf('memory', path, 'memory.stat')),
        read(isUnified ? fileOf('', path, 'cpu.stat') : fileOf('cpuacct', path, 'cpuacct.usage')),
      ]);
      if (total === undefined || stat === undefined || cpu === undefined) return undefined;
      const cache = Number(/^(?:total_)?inactive_file (\d+)$/m.exec(stat)?.[1] ?? 0);
      const cpuMs = isUnified ? Number(/^usage_usec (\d+)$/m.exec(cpu)?.[1] ?? 0) / 1e3 : Number(cpu) / 1e6;
      return { memoryBytes: Math.max(0, Number(total) - cache), cpuMs };
    },
    async swappedBytes(path) {
      if (isUnified) return Number((await read(fileOf('', path, 'memory.swap.current'))) ?? 0);
      const stat = await read(fileOf('memory', path, 'memory.stat'));
      return Number(/^total_swap (\d+)$/m.exec(stat ?? '')?.[1] ?? 0);
    },
    async hasSwap() {
      return ((await read(swapsFile)) ?? '').trim().split('\n').length > 1;
    },
    async reclaim(path, signal) {
      if (!isUnified) return order('0', fileOf('memory', path, 'memory.force_empty'), signal);
      const total = await read(fileOf('memory', path, 'memory.current'));
      if (total === undefined) return;
      // Sandboxes have no swap of their own: it is theirs only while they are frozen.
      await allowSwap('max', path);
      if (!signal.aborted) await order(total.trim(), fileOf('memory', path, 'memory.reclaim'), signal);
    },
    keepFromSwap: (path) => allowSwap('0', path),
  };
}
