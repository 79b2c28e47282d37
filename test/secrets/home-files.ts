import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Every file of a folder, but for what is mounted there. */
export async function filesOf(
  folder: string,
  isWanted: (path: string) => boolean = () => true,
): Promise<readonly string[]> {
  const { dev } = await lstat(folder);
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!isWanted(path)) continue;
    if (entry.isFile()) found.push(path);
    else if (entry.isDirectory() && (await lstat(path)).dev === dev)
      found.push(...(await filesOf(path, isWanted)));
  }
  return found;
}

/** What is in the database of a server that is stopped: in the file a long value may lie in pieces. */
export function* databaseValues(
  path: string,
): Generator<{ readonly column: string; readonly value: Buffer }> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database.prepare(`select name from sqlite_master where type = 'table'`).all();
    for (const { name: table } of tables)
      for (const row of database.prepare(`select * from "${String(table)}"`).iterate())
        for (const [column, value] of Object.entries(row))
          if (typeof value === 'string' || value instanceof Uint8Array)
            yield { column: `${String(table)}.${column}`, value: Buffer.from(value as string) };
  } finally {
    database.close();
  }
}
