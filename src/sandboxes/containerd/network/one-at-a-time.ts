import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Clock } from '../../../shared/clock.ts';
import { BerthError } from '../../../shared/errors.ts';
import { engineSearchPath } from '../find-program.ts';

/** Of all servers on this machine. Only root can open it, so nobody else can hold it; where it lies only root can put files. */
const lockFile = '/run/berth-network.lock';
const patienceMs = 30_000;

/**
 * Runs `work` while no other server of this machine does: two that look for a free range at the same moment would take the
 * same one. Rejects with `unavailable` when another one does not come to its end.
 */
export async function oneAtATime<Result>(
  clock: Pick<Clock, 'after'>,
  work: () => Promise<Result>,
  path: string = lockFile,
): Promise<Result> {
  await using file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  await file.chmod(0o600);
  await lock(file, clock);
  return await work();
}

/**
 * By the program `flock`, as Node has no such call. The lock belongs to the open file, which the program gets from here, so it
 * stays when the program has ended, and the kernel frees it when this process dies.
 */
function lock(file: FileHandle, clock: Pick<Clock, 'after'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['--exclusive', '3'], {
      env: { PATH: engineSearchPath() },
      stdio: ['ignore', 'ignore', 'ignore', file.fd],
    });
    let isLate = false;
    const cancel = clock.after(patienceMs, () => {
      isLate = true;
      child.kill('SIGKILL');
    });
    child.once('error', (error) => {
      cancel();
      reject(
        new BerthError(
          'unavailable',
          'The program `flock` was not found; install the package `util-linux`.',
          {
            cause: error,
          },
        ),
      );
    });
    child.once('close', (code) => {
      cancel();
      if (code === 0) resolve();
      else if (isLate) reject(new BerthError('unavailable', tooLate));
      else reject(new BerthError('unavailable', `The program \`flock\` failed with exit code ${code}.`));
    });
  });
}

const tooLate = `Another server of this machine has been setting up its network for ${patienceMs / 1_000} s. Try again when it has started, or end it.`;
