import type { AccountId, RuntimeId, Scope } from '../shared/ids.ts';
import type { Database } from '../storage/database.ts';
import { putTags, removeAllTags } from '../storage/resource-tags.ts';
import type { WorkloadIdentityRow } from '../storage/tables.ts';
import type { WorkloadIdentity } from './workload-identity.ts';
import type { WorkloadIdentityStore } from './workload-identity-store.ts';

export function createSqlWorkloadIdentityStore({
  database,
}: {
  readonly database: Database;
}): WorkloadIdentityStore {
  return {
    async find(scope, name) {
      const row = await selectOf(database, scope).where('name', '=', name).executeTakeFirst();
      return row && toIdentity(row);
    },
    async list(scope, { limit, after }) {
      const query = selectOf(database, scope).where('name', '>', after ?? '');
      const rows = await query.orderBy('name').limit(limit).execute();
      return rows.map(toIdentity);
    },
    insert: (identity, { arn, tags }, quota) =>
      database.transaction().execute(async (transaction) => {
        const taken = await selectOf(transaction, identity)
          .where('name', '=', identity.name)
          .executeTakeFirst();
        if (taken !== undefined) return 'name-taken';
        if ((await countMadeByHand(transaction, identity)) >= quota) return 'too-many';
        await transaction.insertInto('workload_identities').values(fromIdentity(identity)).execute();
        await putTags(transaction, arn, tags);
        return 'added';
      }),
    async setReturnUrls(scope, name, returnUrls, nowMs) {
      const row = await database
        .updateTable('workload_identities')
        .set({ return_urls_json: JSON.stringify(returnUrls), last_updated_at: nowMs })
        .where('account_id', '=', scope.accountId)
        .where('region', '=', scope.region)
        .where('name', '=', name)
        .returningAll()
        .executeTakeFirst();
      return row && toIdentity(row);
    },
    remove: (scope, name, arn) =>
      database.transaction().execute(async (transaction) => {
        await removeAllTags(transaction, arn);
        return removeRow(transaction, scope, name);
      }),
  };
}

/** The identities of runtimes, written in the runtimes' own transactions. */
export const workloadIdentityRows = {
  async insertForRuntime(
    transaction: Database,
    identity: { scope: Scope; name: string; runtimeId: RuntimeId; createdAtMs: number },
  ): Promise<void> {
    const { scope, name, runtimeId, createdAtMs } = identity;
    const row = fromIdentity({
      accountId: scope.accountId,
      region: scope.region,
      name,
      // A runtime's id is never used again.
      incarnation: runtimeId,
      ownerRuntimeId: runtimeId,
      returnUrls: [],
      createdAtMs,
      lastUpdatedAtMs: createdAtMs,
    });
    await transaction
      .insertInto('workload_identities')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  },
  async remove(transaction: Database, scope: Scope, name: string): Promise<void> {
    await removeRow(transaction, scope, name);
  },
};

function selectOf(database: Database, scope: Scope) {
  return database
    .selectFrom('workload_identities')
    .selectAll()
    .where('account_id', '=', scope.accountId)
    .where('region', '=', scope.region);
}

async function countMadeByHand(database: Database, scope: Scope): Promise<number> {
  const { count } = await database
    .selectFrom('workload_identities')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('account_id', '=', scope.accountId)
    .where('region', '=', scope.region)
    .where('owner_runtime_id', 'is', null)
    .executeTakeFirstOrThrow();
  return count;
}

async function removeRow(database: Database, scope: Scope, name: string): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom('workload_identities')
    .where('account_id', '=', scope.accountId)
    .where('region', '=', scope.region)
    .where('name', '=', name)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

function toIdentity(row: WorkloadIdentityRow): WorkloadIdentity {
  return {
    accountId: row.account_id as AccountId,
    region: row.region,
    name: row.name,
    incarnation: row.incarnation,
    ownerRuntimeId: (row.owner_runtime_id as RuntimeId | null) ?? undefined,
    returnUrls: JSON.parse(row.return_urls_json) as string[],
    createdAtMs: row.created_at,
    lastUpdatedAtMs: row.last_updated_at,
  };
}

function fromIdentity(identity: WorkloadIdentity): WorkloadIdentityRow {
  return {
    account_id: identity.accountId,
    region: identity.region,
    name: identity.name,
    incarnation: identity.incarnation,
    owner_runtime_id: identity.ownerRuntimeId ?? null,
    return_urls_json: JSON.stringify(identity.returnUrls),
    created_at: identity.createdAtMs,
    last_updated_at: identity.lastUpdatedAtMs,
  };
}
