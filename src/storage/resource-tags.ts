import type { Database } from './database.ts';

/** Sets `tags` on a resource; keys that it has already get the new value. */
export async function putTags(
  database: Database,
  arn: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const rows = Object.entries(tags).map(([key, value]) => ({ arn, key, value }));
  if (rows.length === 0) return;
  await database
    .insertInto('tags')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['arn', 'key']).doUpdateSet((row) => ({ value: row.ref('excluded.value') })),
    )
    .execute();
}

/** In the order of their keys. */
export async function listTags(database: Database, arn: string): Promise<Record<string, string>> {
  const rows = await database
    .selectFrom('tags')
    .select(['key', 'value'])
    .where('arn', '=', arn)
    .orderBy('key')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.key, row.value]));
}

/** Of a resource and of everything below it (`arn/…`), by ARN. */
export async function listTagsBelow(
  database: Database,
  arn: string,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const rows = await database
    .selectFrom('tags')
    .selectAll()
    .where((is) =>
      is.or([is('arn', '=', arn), is.and([is('arn', '>=', `${arn}/`), is('arn', '<', `${arn}0`)])]),
    )
    .execute();
  const byArn = new Map<string, Record<string, string>>();
  for (const row of rows) byArn.set(row.arn, { ...byArn.get(row.arn), [row.key]: row.value });
  return byArn;
}

/** Keys that the resource does not have are ignored. */
export async function removeTags(database: Database, arn: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await database.deleteFrom('tags').where('arn', '=', arn).where('key', 'in', keys).execute();
}

/** Forgets the tags of a resource that is gone and of everything below it (`arn/…`). */
export async function removeAllTags(database: Database, arn: string): Promise<void> {
  await database
    .deleteFrom('tags')
    .where((is) =>
      is.or([is('arn', '=', arn), is.and([is('arn', '>=', `${arn}/`), is('arn', '<', `${arn}0`)])]),
    )
    .execute();
}
