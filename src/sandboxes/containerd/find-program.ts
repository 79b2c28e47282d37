import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** The search path of the engine: a user's PATH often lacks the folders of administrators. */
export function engineSearchPath(path = process.env['PATH'] ?? ''): string {
  const always = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return [...new Set([...path.split(':').filter((folder) => folder !== ''), ...always])].join(':');
}

/** The program's absolute path, or undefined. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of engineSearchPath().split(':')) {
    const path = join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return undefined;
}
