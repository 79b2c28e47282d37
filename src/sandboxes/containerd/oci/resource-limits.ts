import { readFile } from 'node:fs/promises';
import type { SandboxLimits } from '../../sandbox-driver.ts';

/** The `linux.resources` part of an OCI runtime spec. */
export function resourcesFor({ memoryBytes, cpus, pids }: SandboxLimits, hasSwapLimit: boolean): object {
  return {
    devices: [{ allow: false, access: 'rwm' }],
    // Equal limits leave no swap.
    memory: { limit: memoryBytes, ...(hasSwapLimit ? { swap: memoryBytes } : {}) },
    cpu: { quota: Math.max(1_000, Math.round(cpus * cpuPeriodUs)), period: cpuPeriodUs },
    pids: { limit: pids },
  };
}

export interface Rlimit {
  readonly type: string;
  readonly hard: number;
  readonly soft: number;
}

/** Nobody may go above the hard limit that is present: a start that tries fails. */
export function rlimitsFor(presentOpenFiles: number): readonly Rlimit[] {
  const openFiles = Math.min(wantedOpenFiles, presentOpenFiles);
  return [
    { type: 'RLIMIT_NOFILE', hard: openFiles, soft: openFiles },
    { type: 'RLIMIT_CORE', hard: 0, soft: 0 },
  ];
}

/** The hard limit of open files of a process. */
export async function readOpenFilesLimit(pid: number | 'self'): Promise<number> {
  const text = await readFile(`/proc/${pid}/limits`, 'utf8').catch(() => '');
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(text)?.[1] ?? '1024';
  return hard === 'unlimited' ? Infinity : Number(hard);
}

const cpuPeriodUs = 100_000;
const wantedOpenFiles = 65_536;
