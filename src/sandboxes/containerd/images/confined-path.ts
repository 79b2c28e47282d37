import { lstat, readlink } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join } from 'node:path';

export interface ConfinedFile {
  /** Absolute path on the host, free of symbolic links below the root. */
  readonly path: string;
  readonly stats: Stats;
}

/**
 * Finds `path` as a process with the root directory `root` would, so that no symbolic link of an image leads out of it.
 * undefined when it is not there. `root` must be out of reach of running sandboxes: nothing may change it meanwhile.
 */
export async function findConfined(root: string, path: string): Promise<ConfinedFile | undefined> {
  const pending = path.split('/').reverse();
  const walked: string[] = [];
  let links = 0;
  while (pending.length > 0) {
    const name = pending.pop();
    if (name === undefined || name === '' || name === '.') continue;
    if (name === '..') {
      walked.pop();
      continue;
    }
    const here = join(root, ...walked, name);
    const found = await lstat(here).catch(() => undefined);
    if (found === undefined) return undefined;
    if (!found.isSymbolicLink()) {
      if (pending.some((part) => part !== '') && !found.isDirectory()) return undefined;
      walked.push(name);
      continue;
    }
    links += 1;
    if (links > maxLinks) return undefined;
    const target = await readlink(here);
    if (target.startsWith('/')) walked.length = 0;
    pending.push(...target.split('/').reverse());
  }
  const end = join(root, ...walked);
  const stats = await lstat(end).catch(() => undefined);
  return stats === undefined ? undefined : { path: end, stats };
}

/** As many as the kernel follows. */
const maxLinks = 40;
