import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** The search path of the engine: a user's PATH often lacks the folders of administrators. */
export function engineSearchPath(path = process.env['PATH'] ?? ''): string {
  const always = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return [...new Set([...path.split(':').filter((folder) => folder !== ''), ...always])].join(':');
}

/** The program's absolute path, or undefined. `path` is searched before the system's folders; the server's own when not set. */
export async function findProgram(name: string, path?: string): Promise<string | undefined> {
  for (const folder of engineSearchPath(path).split(':')) {
    const file = join(folder, name);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // Not here.
    }
  }
  return undefined;
}
