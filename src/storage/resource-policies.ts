import type { Database } from './database.ts';

/** Makes it the policy of a resource, in the place of the one before. */
export async function putPolicy(
  database: Database,
  arn: string,
  policy: string,
  atMs: number,
): Promise<void> {
  const row = { policy, updated_at: atMs };
  await database
    .insertInto('resource_policies')
    .values({ arn, ...row })
    .onConflict((conflict) => conflict.column('arn').doUpdateSet(row))
    .execute();
}

/** Of a resource and of everything below it (`arn/…`), by ARN. */
export async function listPolicies(database: Database, arn: string): Promise<ReadonlyMap<string, string>> {
  const rows = await database
    .selectFrom('resource_policies')
    .select(['arn', 'policy'])
    .where((is) =>
      is.or([is('arn', '=', arn), is.and([is('arn', '>=', `${arn}/`), is('arn', '<', `${arn}0`)])]),
    )
    .execute();
  return new Map(rows.map((row) => [row.arn, row.policy]));
}

/** Does nothing when there is none. */
export async function removePolicy(database: Database, arn: string): Promise<void> {
  await database.deleteFrom('resource_policies').where('arn', '=', arn).execute();
}

/** Forgets the policies of a resource that is gone and of everything below it: one that is made anew begins without. */
export async function removeAllPolicies(database: Database, arn: string): Promise<void> {
  await database
    .deleteFrom('resource_policies')
    .where((is) =>
      is.or([is('arn', '=', arn), is.and([is('arn', '>=', `${arn}/`), is('arn', '<', `${arn}0`)])]),
    )
    .execute();
}
