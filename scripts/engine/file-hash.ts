import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** SHA-256 in hex. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Of all files directly in these folders, with their names; tests of them excepted. */
export async function sourcesHash(root: string, folders: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of folders.toSorted())
    for (const name of (await readdir(join(root, folder))).toSorted())
      if (!name.endsWith('.test.ts'))
        hash.update(`${folder}/${name}\n`).update(await readFile(join(root, folder, name)));
  return hash.digest('hex');
}
