import { open } from 'node:fs/promises';
import { BerthError } from '../../../shared/errors.ts';
import { CommandFailure, runCommand } from '../run-command.ts';

const checkTimeoutMs = 60_000;

/**
 * Replays the journal of an ext4 image that is not mounted, and repairs what can be. Rejects with `internal` when a person has to
 * look at it (e2fsck: 0 is whole, 1 and 2 are repaired, 4 and more is damage).
 */
export async function checkFileSystem(image: string, what: string): Promise<void> {
  try {
    await runCommand('e2fsck', ['-p', image], { timeoutMs: checkTimeoutMs });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    if (error.exitCode !== null && error.exitCode < 4) return;
    throw new BerthError('internal', `${what} is damaged: run e2fsck on ${image}.`, { cause: error });
  }
}

/** What was written to a file or folder, by whomever, is on disk when this resolves. */
export async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}
