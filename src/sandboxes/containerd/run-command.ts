import { spawn } from 'node:child_process';

import { anySignal } from '../../shared/abort.ts';
import { BerthError } from '../../shared/errors.ts';
import { engineSearchPath } from './find-program.ts';

export interface CommandOptions {
  readonly stdin?: string;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  /** The process is killed after this long; 30 s when not set. */
  readonly timeoutMs?: number;
}

/** A command that ran and exited with something other than 0. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(command: string, exitCode: number | null, stderr: string) {
    super(
      `\`${command}\` failed (${exitCode === null ? 'killed' : `exit code ${exitCode}`}): ${stderr.trim()}`,
    );
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

const outputLimit = 16 * 1024 * 1024;
const packages: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  mount: 'mount',
  e2fsck: 'e2fsprogs',
  'mkfs.ext4': 'e2fsprogs',
  nft: 'nftables',
  nsenter: 'util-linux',
  umount: 'mount',
  unshare: 'util-linux',
};

/** Runs a program of the system to its end and returns its standard output. Throws `CommandFailure` when it exits badly. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { stdin = '', signal: given, timeoutMs = 30_000 } = options;
  // Not spawn's own timeout: its timer outlives a program that is not there.
  const signal = anySignal(timeoutMs, given);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      // Newer mount programs cut long overlay options off unless they use mount(2).
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      env: { PATH: engineSearchPath(), LC_ALL: 'C', LIBMOUNT_FORCE_MOUNT2: 'always' },
      killSignal: 'SIGKILL',
      signal,
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    child.on('error', (error) => {
      if (given?.aborted) reject(given.reason);
      else if (signal.aborted)
        reject(new CommandFailure(command, null, `it took longer than ${timeoutMs} ms`));
      else reject(startFailure(command, error));
    });
    child.on('close', (code) => {
      if (code === 0) resolve(stdout());
      else reject(new CommandFailure([command, ...args].join(' '), code, stderr()));
    });
    // A program that exits before it has read everything is judged by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    if (length < outputLimit) chunks.push(chunk);
    length += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function startFailure(command: string, error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ENOENT') return error;
  const source = packages[command];
  return new BerthError(
    'unavailable',
    `The program \`${command}\` was not found${source === undefined ? '' : `; install the package \`${source}\``}.`,
    { cause: error },
  );
}
