import { copyFile, readlink, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';

const limitBytes = 64 * 2 ** 20;
const lookEveryMs = 60_000;

/** What a server in the background writes; the one before it is beside it, with `.1` appended. */
export function serverLogPath(home: string): string {
  return join(home, 'server.log');
}

/** Moves a log that has grown too large aside. Its writers append, so that they go on in the emptied file. */
export async function rotateServerLog(path: string, largestBytes = limitBytes): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= largestBytes) return;
  await copyFile(path, `${path}.1`);
  await truncate(path);
}

/** Looks after the log for as long as this process writes to it; does nothing when it writes elsewhere. */
export async function keepServerLogSmall(home: string, clock: Clock): Promise<Disposable> {
  const path = serverLogPath(home);
  let cancel = () => {};
  const look = () => {
    cancel = clock.after(lookEveryMs, () => {
      // A full disk must not end the server; the next look may have more luck.
      void rotateServerLog(path)
        .catch(() => {})
        .finally(look);
    });
  };
  if ((await readlink('/proc/self/fd/2').catch(() => undefined)) === path) look();
  return { [Symbol.dispose]: () => cancel() };
}
