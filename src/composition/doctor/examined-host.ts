import { access, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../sandboxes/containerd/run-command.ts';
import { messageOf } from '../../shared/errors.ts';

/** A machine as the checks of `berth doctor` see it, so that tests can give them another one. */
export interface ExaminedHost {
  /** Put before the paths of the kernel's files and the system's; empty for this machine. */
  readonly root: string;
  readonly isRoot: boolean;
  /** Of the file system that holds a folder. */
  freeBytes(folder: string): Promise<number>;
  /** Runs a program to its end; rejects with what it said when it fails, or with how to install it. */
  run(command: string, args: readonly string[], options?: { readonly stdin?: string }): Promise<string>;
}

export function thisHost(): ExaminedHost {
  return {
    root: '',
    isRoot: process.getuid?.() === 0,
    async freeBytes(folder) {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
    run: (command, args, options) => runCommand(command, args, { ...options, timeoutMs: patienceMs }),
  };
}

const patienceMs = 20_000;

/** Undefined when it is not there, or not for this user. */
export function readText({ root }: Pick<ExaminedHost, 'root'>, path: string): Promise<string | undefined> {
  return readFile(join(root, path), 'utf8').catch(() => undefined);
}

/** What went wrong, in one line; undefined when nothing did. */
export async function problemOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return messageOf(error)
      .trim()
      .replaceAll(/\s*\n\s*/g, '; ');
  }
}

/** What the program printed, or undefined when it is not there or says no. */
export async function tryRun(
  host: Pick<ExaminedHost, 'run'>,
  command: string,
  args: readonly string[],
): Promise<string | undefined> {
  return host.run(command, args).catch(() => undefined);
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
