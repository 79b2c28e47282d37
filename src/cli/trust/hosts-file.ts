import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';

/** Rejects with an error for the user when it is not there. */
export async function readHostsFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`The hosts file ${path} cannot be read: ${error.message}`, { cause: error });
  });
}

/** Replaces it as a whole, with the owner and mode it had. In a container it is a mount, which can only be written over. */
export async function writeHostsFile(path: string, text: string): Promise<void> {
  const target = await realpath(path);
  const { mode, uid, gid } = await stat(target);
  const draft = `${target}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.chown(uid, gid);
    await file.chmod(mode & 0o7777);
    await file.sync();
    await rename(draft, target);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EBUSY')) throw error;
    await writeFile(target, text);
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}
