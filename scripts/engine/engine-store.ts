import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, stat, symlink, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type EngineManifest, ownSources } from './engine-manifest.ts';
import { sourcesHash } from './file-hash.ts';

/**
 * A folder of the user's cache for what was built from one state of engine.json and the sources beside it. Clones with the same
 * state share it; the five used last are kept.
 */
export async function openEngineStore(
  root: string,
  manifest: EngineManifest,
  version: string,
): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const all = join(cache, 'berth/engine');
  const store = join(all, await stateHash(root, manifest, version));
  await mkdir(store, { recursive: true });
  const now = new Date();
  await utimes(store, now, now);
  await removeOld(all);
  return store;
}

/** Makes what is in the store be found in the clone, whatever was there before. */
export async function linkIntoClone(root: string, store: string, names: readonly string[]): Promise<void> {
  const folder = join(root, '.cache/engine');
  await mkdir(folder, { recursive: true });
  for (const name of names) {
    const link = join(folder, name);
    const fresh = `${link}.${process.pid}`;
    await symlink(join(store, name), fresh);
    if ((await lstat(link).catch(() => undefined))?.isDirectory() === true)
      await rm(link, { recursive: true, force: true });
    await rename(fresh, link);
  }
}

/** Of all that can change what is built. Not of the hashes that it is compared with. */
async function stateHash(root: string, manifest: EngineManifest, version: string): Promise<string> {
  const { outputs: _, builders: __, ...inputs } = manifest;
  const sources = await sourcesHash(root, [...ownSources(manifest), 'scripts/engine']);
  const hash = createHash('sha256').update(JSON.stringify([inputs, version, sources]));
  return hash.digest('hex').slice(0, 16);
}

const kept = 5;

async function removeOld(all: string): Promise<void> {
  const names = await readdir(all);
  const found = await Promise.all(
    names.map(async (name) => ({ name, usedMs: (await stat(join(all, name))).mtimeMs })),
  );
  const old = found.toSorted((one, other) => other.usedMs - one.usedMs).slice(kept);
  for (const { name } of old) if (existsSync(join(all, name))) await rm(join(all, name), { recursive: true });
}
