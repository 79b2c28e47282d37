import { constants, close, open } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { Clock } from '../../../shared/clock.ts';
import { endWhenQuiet } from '../../end-when-quiet.ts';
import { runCommand } from '../run-command.ts';

/** A program's three streams over FIFOs, whose other ends the shim has. */
export interface ExecStreams {
  readonly paths: { readonly stdin: string; readonly stdout: string; readonly stderr: string };
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** For when the program is over: its output ends here when all has been read, though others may still hold it open. */
  end(clock: Clock): Promise<void>;
  /** Lets go of them and leaves the folder. Idempotent. */
  close(): void;
  /** The folder as well. Idempotent. */
  remove(): Promise<void>;
}

/** Makes the FIFOs in `dir`, which is made for them and which only root can look into. */
export async function openExecStreams(dir: string, hasTerminal: boolean): Promise<ExecStreams> {
  const paths = {
    stdin: join(dir, 'stdin'),
    stdout: join(dir, 'stdout'),
    stderr: hasTerminal ? '' : join(dir, 'stderr'),
  };
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const opened: Socket[] = [];
  const close = () => {
    for (const socket of opened) socket.destroy();
  };
  const remove = async () => {
    close();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await runCommand('mkfifo', ['-m', '600', ...Object.values(paths).filter((path) => path !== '')]);
    const reader = async (path: string) => {
      const socket = await openFifo(path, 'reader');
      opened.push(socket);
      return socket;
    };
    const stdin = await openFifo(paths.stdin, 'writer');
    opened.push(stdin);
    const stdout = await reader(paths.stdout);
    const stderr = hasTerminal ? undefined : await reader(paths.stderr);
    const outputs = stderr === undefined ? [stdout] : [stdout, stderr];
    return {
      paths,
      stdin,
      stdout,
      stderr: stderr ?? Readable.from([]),
      async end(clock) {
        stdin.destroy();
        await Promise.all(outputs.map((output) => endWhenQuiet(output, clock)));
      },
      close,
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * A reader sees the end when the shim closes its side. The writer is opened for both, since there is nobody to read yet; nothing
 * is read from it, and the shim sees the end when it closes.
 */
async function openFifo(path: string, side: 'reader' | 'writer'): Promise<Socket> {
  const access = side === 'reader' ? constants.O_RDONLY : constants.O_RDWR;
  const fd = await promisify(open)(path, access | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const socket = new Socket({ fd, readable: side === 'reader', writable: side === 'writer' });
    // How it ended is known by its exit.
    return socket.on('error', () => {});
  } catch (error) {
    await promisify(close)(fd);
    throw error;
  }
}
