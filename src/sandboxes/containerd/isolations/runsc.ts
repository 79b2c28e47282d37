import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mountPoints } from '../disks/kernel-disks.ts';
import type { EnginePrograms } from '../engine-programs.ts';
import { runCommand } from '../run-command.ts';

/** A process inside gVisor, by the numbers that gVisor gives. */
export interface InsideProcess {
  readonly pid: number;
  /** 0 for one that came from outside. */
  readonly parent: number;
  readonly group: number;
}

/** One process, or all of a process group. */
export type SignalTarget = { readonly pid: number } | { readonly group: number };

/** gVisor's program, for what containerd's shim does not pass on. */
export interface Runsc {
  processes(sandbox: string): Promise<readonly InsideProcess[]>;
  /** A program of some 40 ms for each call. Does nothing when there is no such process. */
  signal(sandbox: string, target: SignalTarget, signal: NodeJS.Signals): Promise<void>;
  /** Writes the memory of a sandbox that is paused into an empty folder; it stays paused. */
  checkpoint(sandbox: string, folder: string): Promise<void>;
  /** Kills it, paused or not, and forgets it. Idempotent. */
  destroy(sandbox: string): Promise<void>;
}

export interface RunscParts {
  readonly programs: EnginePrograms;
  readonly runDir: string;
  /** The shim keeps the states of each of containerd's namespaces apart. */
  readonly namespace: string;
}

/** Where gVisor keeps the states of a server's sandboxes. */
export function runscRoot(runDir: string): string {
  return join(runDir, 'runsc');
}

/** Of all its sandboxes, of which none is left: gVisor keeps an empty network namespace for them, which is a mount. */
export async function removeRunscState(runDir: string): Promise<void> {
  for (const point of await mountPoints(runscRoot(runDir))) await runCommand('umount', ['-l', point]);
  await rm(runscRoot(runDir), { recursive: true, force: true });
}

export function openRunsc({ programs, runDir, namespace }: RunscParts): Runsc {
  const root = join(runscRoot(runDir), namespace);
  async function run(args: readonly string[], timeoutMs?: number): Promise<string> {
    const program = (await programs.find('runsc'))?.path ?? 'runsc';
    return runCommand(program, ['--root', root, ...args], timeoutMs === undefined ? {} : { timeoutMs });
  }
  return {
    async processes(sandbox) {
      return parseProcesses(await run(['ps', sandbox]));
    },
    async signal(sandbox, target, signal) {
      const whom = 'pid' in target ? `--pid=${target.pid}` : `--pgid=${target.group}`;
      // It may have ended by itself just now.
      await run(['kill', whom, sandbox, signal.replace(/^SIG/, '')]).catch(() => undefined);
    },
    async checkpoint(sandbox, folder) {
      await run(['checkpoint', '--leave-running', '--image-path', folder, sandbox], checkpointTimeoutMs);
    },
    async destroy(sandbox) {
      // One that it does not know is no failure with --force.
      await run(['delete', '--force', sandbox]);
    },
  };
}

const checkpointTimeoutMs = 10 * 60_000;

/**
 * A table: UID, PID, PPID, PGID, and more up to the name, which is last and the process's own to choose, line breaks included. A
 * sandbox that lies about its processes is wrong about its own only.
 */
export function parseProcesses(table: string): readonly InsideProcess[] {
  const byPid = new Map<number, InsideProcess>();
  for (const line of table.split('\n')) {
    const [, pid = '', parent, group] = /^\d+ +(\d+) +(\d+) +(\d+) /.exec(line) ?? [];
    if (pid !== '' && !byPid.has(Number(pid)))
      byPid.set(Number(pid), { pid: Number(pid), parent: Number(parent), group: Number(group) });
  }
  return [...byPid.values()];
}
