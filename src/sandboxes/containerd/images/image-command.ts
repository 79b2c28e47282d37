import { posix } from 'node:path';
import { BerthError } from '../../../shared/errors.ts';
import { findConfined } from './confined-path.ts';

export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface ImageCommand {
  readonly args: readonly string[];
  readonly workingDir: string;
  /** Value of PATH. */
  readonly path: string;
}

/** Throws `runtime-client-error` when the image has no command, or one that it could not run. */
export async function requireRunnable(root: string, command: ImageCommand): Promise<void> {
  const [program] = command.args;
  if (program === undefined || program === '') {
    throw new BerthError(
      'runtime-client-error',
      'The image cannot be started: it has neither ENTRYPOINT nor CMD. Set one in the image.',
    );
  }
  const candidates = program.includes('/')
    ? [posix.resolve(command.workingDir, program)]
    : command.path.split(':').map((folder) => posix.resolve(command.workingDir, folder, program));
  let isThere = false;
  for (const candidate of candidates) {
    const found = await findConfined(root, candidate);
    if (found === undefined || !found.stats.isFile()) continue;
    if ((found.stats.mode & 0o111) !== 0) return;
    isThere = true;
  }
  throw new BerthError(
    'runtime-client-error',
    `The image cannot be started: its entrypoint '${program}' ${isThere ? 'is not executable' : program.includes('/') ? 'does not exist' : `was not found in PATH (${command.path})`}. Correct ENTRYPOINT or CMD in the image.`,
  );
}
