import { randomBytes, timingSafeEqual } from 'node:crypto';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BerthError } from '../shared/errors.ts';
import type { MasterKeys } from '../shared/master-keys.ts';

const keyBytes = 32;

/**
 * The key that seals every secret at rest: `BERTH_MASTER_KEY`, else the file `master.key` in the home directory (mode 0600,
 * made at the first start). After a change also the one before: `BERTH_PREVIOUS_MASTER_KEY`, else `master.key.previous`.
 * Throws `validation` when one is malformed or its file can be read by others.
 */
export async function loadMasterKeys(
  home: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<MasterKeys> {
  const { path, previousPath } = filesOf(home);
  return {
    current: keyFromEnv(env, 'BERTH_MASTER_KEY') ?? (await readKey(path)) ?? (await makeKey(path)),
    previous: keyFromEnv(env, 'BERTH_PREVIOUS_MASTER_KEY') ?? (await readKey(previousPath)),
  };
}

/**
 * Makes a new key for the next start and keeps the old one beside it, so that the database opens wherever this is cut off.
 * Throws `not-found` without a key to replace, `conflict` while one from an earlier change is still there.
 */
export async function replaceMasterKey(
  home: string,
): Promise<{ readonly path: string; readonly previousPath: string }> {
  const { path, previousPath } = filesOf(home);
  const old = await readKey(path);
  if (old === undefined) throw new BerthError('not-found', `There is no ${path}.`);
  await link(path, previousPath).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    const previous = await readKey(previousPath);
    if (previous === undefined || !timingSafeEqual(previous, old))
      throw new BerthError('conflict', `${previousPath} is there already, from an earlier change.`);
  });
  await using draft = await draftKey(path);
  await rename(draft.path, path);
  await syncFolder(home);
  return { path, previousPath };
}

function filesOf(home: string): { readonly path: string; readonly previousPath: string } {
  const path = join(home, 'master.key');
  return { path, previousPath: `${path}.previous` };
}

function keyFromEnv(
  env: Readonly<Record<string, string | undefined>>,
  variable: string,
): Uint8Array | undefined {
  const text = env[variable];
  return text === undefined || text === '' ? undefined : decodeKey(text, variable);
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

/** Of two racing servers both use the first one's. */
async function makeKey(path: string): Promise<Uint8Array> {
  await using draft = await draftKey(path);
  await link(draft.path, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await syncFolder(dirname(path));
  const key = await readKey(path);
  if (key === undefined)
    throw new BerthError('internal', `The master key ${path} vanished while it was made.`);
  return key;
}

/** A new key, written whole before it gets its name: a crash leaves no half one. */
async function draftKey(path: string): Promise<AsyncDisposable & { readonly path: string }> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await using file = await open(draft, 'wx', 0o600);
  await file.writeFile(`${randomBytes(keyBytes).toString('base64')}\n`);
  await file.sync();
  return { path: draft, [Symbol.asyncDispose]: () => rm(draft, { force: true }) };
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path);
  await folder.sync();
}

function decodeKey(text: string, source: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === keyBytes && /^[A-Za-z0-9+/_=-]+$/.test(text.trim())) return key;
  throw new BerthError(
    'validation',
    `${source} does not hold a master key: expected ${keyBytes} bytes in base64, as 'openssl rand -base64 32' prints them.`,
  );
}
