import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../../shared/errors.ts';

/**
 * Where file systems are mounted into a sandbox. The OCI runtime works below them by path before it has entered the image (runc
 * makes links in /dev), so that a link at one of them would lead it over the host.
 */
const mountPoints = ['dev', 'proc', 'sys', '.berth'];

/** Throws `runtime-client-error` when one is there and is not a folder. `root` is out of reach of running sandboxes. */
export async function requirePlainMountPoints(root: string): Promise<void> {
  for (const name of mountPoints) {
    const found = await lstat(join(root, name)).catch(() => undefined);
    if (found === undefined || found.isDirectory()) continue;
    const what = found.isSymbolicLink() ? 'a link' : 'not a folder';
    throw new BerthError(
      'runtime-client-error',
      `The image cannot be started: its /${name} is ${what}, where the sandbox needs a folder. Build the image without it.`,
    );
  }
}
