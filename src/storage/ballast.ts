import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const sizeBytes = 64 * 2 ** 20;

/**
 * A file that holds room for the hour of need: given up when the disk is full, so that a server can still start, end sessions
 * and write down what it does. Says which of the two was done.
 */
export async function keepBallast(home: string, freeBytes: number): Promise<'kept' | 'given up'> {
  const path = join(home, 'ballast');
  if (freeBytes < sizeBytes) {
    await rm(path, { force: true });
    return 'given up';
  }
  const present = await stat(path).catch(() => undefined);
  if (present?.size !== sizeBytes && freeBytes > 4 * sizeBytes) await fill(path);
  return 'kept';
}

/** With real bytes: a hole would hold no room. */
async function fill(path: string): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  const chunk = Buffer.alloc(2 ** 20);
  for (let written = 0; written < sizeBytes; written += chunk.byteLength) await file.write(chunk);
}
