import type { AccountId, Scope } from '../../shared/ids.ts';
import type { Database, OpenDatabase } from '../../storage/database.ts';
import type { JobQueue } from '../../storage/job-queue.ts';
import type { VaultDataKeyRow, VaultWrappingKeyRow } from '../../storage/tables.ts';
import type { VaultStore } from './vault-store.ts';
import type { DataKey, Keeper, WrappingKey } from './wrapping-key.ts';

/** Of the jobs that `addWrappingKey` leaves: their payload is a scope. */
export const moveDataKeysJob = 'move-vault-keys';

export function createSqlVaultStore({
  database,
  jobs,
}: {
  readonly database: OpenDatabase;
  readonly jobs: Pick<JobQueue, 'enqueue' | 'wake'>;
}): VaultStore {
  return {
    newestWrappingKey: (scope) => newestOf(database, scope),
    async listWrappingKeys(scope) {
      const rows = await wrappingKeysOf(database, scope).orderBy('version').execute();
      const counts = await database
        .selectFrom('vault_data_keys')
        .select(['wrapping_version', (select) => select.fn.countAll<number>().as('count')])
        .where('account_id', '=', scope.accountId)
        .where('region', '=', scope.region)
        .groupBy('wrapping_version')
        .execute();
      const countOf = new Map(counts.map((row) => [row.wrapping_version, row.count]));
      return rows.map((row) => ({ ...toWrappingKey(row), dataKeys: countOf.get(row.version) ?? 0 }));
    },
    async addWrappingKey(key) {
      const { accountId, region, version, keeper } = key;
      const result = await database.transaction().execute(async (transaction) => {
        const newest = await newestOf(transaction, key);
        if (version !== (newest?.version ?? 0) + 1) return 'not-next';
        if (keeper.kind === 'key-ring' && !(await isInRing(transaction, keeper.keyId))) return 'no-such-key';
        await transaction.insertInto('vault_wrapping_keys').values(fromWrappingKey(key)).execute();
        if (newest !== undefined)
          await jobs.enqueue(transaction, { kind: moveDataKeysJob, payload: { accountId, region } });
        return 'added';
      });
      if (result === 'added') database.afterCommit(() => jobs.wake());
      return result;
    },
    async removeUnusedWrappingKeys(scope, version) {
      await database
        .deleteFrom('vault_wrapping_keys')
        .where('account_id', '=', scope.accountId)
        .where('region', '=', scope.region)
        .where('version', '<', version)
        .where('version', 'not in', (select) =>
          select
            .selectFrom('vault_data_keys')
            .select('wrapping_version')
            .where('account_id', '=', scope.accountId)
            .where('region', '=', scope.region),
        )
        .execute();
    },
    async findDataKey(owner) {
      const row = await pairsOf(database).where('vault_data_keys.owner', '=', owner).executeTakeFirst();
      return row && toPair(row);
    },
    addDataKey: (key) =>
      database.transaction().execute(async (transaction) => {
        const newest = await newestOf(transaction, key);
        if (newest?.version !== key.wrappingVersion) return 'superseded';
        await transaction
          .insertInto('vault_data_keys')
          .values(fromDataKey(key))
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        return 'added';
      }),
    async removeDataKey(owner) {
      await database.deleteFrom('vault_data_keys').where('owner', '=', owner).execute();
    },
    async listDataKeysBefore({ accountId, region, version }, { limit, after }) {
      const rows = await pairsOf(database)
        .where('vault_data_keys.account_id', '=', accountId)
        .where('vault_data_keys.region', '=', region)
        .where('vault_data_keys.wrapping_version', '<', version)
        .where('vault_data_keys.owner', '>', after)
        .orderBy('vault_data_keys.owner')
        .limit(limit)
        .execute();
      return rows.map(toPair);
    },
    async replaceDataKey(before, after) {
      await database
        .updateTable('vault_data_keys')
        .set({ wrapping_version: after.wrappingVersion, wrapped_key: after.wrapped })
        .where('owner', '=', before.owner)
        .where('wrapped_key', '=', before.wrapped)
        .execute();
    },
  };
}

async function newestOf(database: Database, scope: Scope): Promise<WrappingKey | undefined> {
  const row = await wrappingKeysOf(database, scope).orderBy('version', 'desc').limit(1).executeTakeFirst();
  return row && toWrappingKey(row);
}

async function isInRing(database: Database, keyId: string): Promise<boolean> {
  const row = await database
    .selectFrom('kms_keys')
    .select('key_id')
    .where('key_id', '=', keyId)
    .executeTakeFirst();
  return row !== undefined;
}

function wrappingKeysOf(database: Database, scope: Scope) {
  return database
    .selectFrom('vault_wrapping_keys')
    .selectAll()
    .where('account_id', '=', scope.accountId)
    .where('region', '=', scope.region);
}

function pairsOf(database: Database) {
  return database
    .selectFrom('vault_data_keys')
    .innerJoin('vault_wrapping_keys', (join) =>
      join
        .onRef('vault_wrapping_keys.account_id', '=', 'vault_data_keys.account_id')
        .onRef('vault_wrapping_keys.region', '=', 'vault_data_keys.region')
        .onRef('vault_wrapping_keys.version', '=', 'vault_data_keys.wrapping_version'),
    )
    .selectAll();
}

function toPair(row: VaultDataKeyRow & VaultWrappingKeyRow) {
  return { dataKey: toDataKey(row), wrappingKey: toWrappingKey(row) };
}

function toDataKey(row: VaultDataKeyRow): DataKey {
  return {
    accountId: row.account_id as AccountId,
    region: row.region,
    owner: row.owner,
    wrappingVersion: row.wrapping_version,
    wrapped: row.wrapped_key,
  };
}

function fromDataKey(key: DataKey): VaultDataKeyRow {
  return {
    account_id: key.accountId,
    region: key.region,
    owner: key.owner,
    wrapping_version: key.wrappingVersion,
    wrapped_key: key.wrapped,
  };
}

function toWrappingKey(row: VaultWrappingKeyRow): WrappingKey {
  return {
    accountId: row.account_id as AccountId,
    region: row.region,
    version: row.version,
    keeper: toKeeper(row),
    createdAtMs: row.created_at,
  };
}

function toKeeper(row: VaultWrappingKeyRow): Keeper {
  const { sealed_key: sealedKey, kms_key_id: keyId, transit_key: key } = row;
  if (key !== null) return { kind: 'transit', key };
  if (sealedKey === null) throw new Error(`Version ${row.version} of the vault's key has no keeper.`);
  return keyId === null ? { kind: 'server', sealedKey } : { kind: 'key-ring', sealedKey, keyId };
}

function fromWrappingKey(key: WrappingKey): VaultWrappingKeyRow {
  const { keeper } = key;
  return {
    account_id: key.accountId,
    region: key.region,
    version: key.version,
    sealed_key: keeper.kind === 'transit' ? null : keeper.sealedKey,
    kms_key_id: keeper.kind === 'key-ring' ? keeper.keyId : null,
    transit_key: keeper.kind === 'transit' ? keeper.key : null,
    created_at: key.createdAtMs,
  };
}
