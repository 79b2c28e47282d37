import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../shared/errors.ts';

const keyBytes = 32;

/**
 * The key that seals every secret at rest: `BERTH_MASTER_KEY`, else the file `master.key` in the home directory (mode 0600,
 * made at the first start). Throws `validation` when either is malformed or the file can be read by others.
 */
export async function loadMasterKey(
  home: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Uint8Array> {
  const fromEnv = env['BERTH_MASTER_KEY'];
  if (fromEnv !== undefined && fromEnv !== '') return decodeKey(fromEnv, 'BERTH_MASTER_KEY');
  const path = join(home, 'master.key');
  return (await readKey(path)) ?? (await makeKey(path));
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw new BerthError(
        'validation',
        `${path} can be read by others than its owner: run chmod 600 ${path}, and consider it known.`,
      );
    }
    return decodeKey(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written whole before it gets its name: a crash leaves no half key, and of two racing servers both use the first one's. */
async function makeKey(path: string): Promise<Uint8Array> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(keyBytes).toString('base64')}\n`);
    await file.sync();
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
  const key = await readKey(path);
  if (key === undefined)
    throw new BerthError('internal', `The master key ${path} vanished while it was made.`);
  return key;
}

function decodeKey(text: string, source: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === keyBytes && /^[A-Za-z0-9+/_=-]+$/.test(text.trim())) return key;
  throw new BerthError(
    'validation',
    `${source} does not hold a master key: expected ${keyBytes} bytes in base64, as 'openssl rand -base64 32' prints them.`,
  );
}
