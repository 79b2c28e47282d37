import type { AccountId, Scope } from '../../shared/ids.ts';
import type { Database } from '../../storage/database.ts';
import type { KmsKeyRow } from '../../storage/tables.ts';
import type { PublicKeyJwk, RingKeySpec, SealedRingKey } from './ring-key.ts';
import type { RingKeyStore } from './ring-key-store.ts';

export function createSqlRingKeyStore({ database }: { readonly database: Database }): RingKeyStore {
  return {
    async insert(key) {
      await database.insertInto('kms_keys').values(fromKey(key)).execute();
    },
    async find(scope, keyId) {
      const row = await selectOf(database, scope).where('key_id', '=', keyId).executeTakeFirst();
      return row && toKey(row);
    },
    async list(scope) {
      const rows = await selectOf(database, scope).orderBy('created_at').orderBy('key_id').execute();
      return rows.map(toKey);
    },
    remove: (scope, keyId) =>
      database.transaction().execute(async (transaction) => {
        const user = await transaction
          .selectFrom('vault_wrapping_keys')
          .select('version')
          .where('kms_key_id', '=', keyId)
          .limit(1)
          .executeTakeFirst();
        if (user !== undefined) return 'in-use';
        const { numDeletedRows } = await transaction
          .deleteFrom('kms_keys')
          .where('account_id', '=', scope.accountId)
          .where('region', '=', scope.region)
          .where('key_id', '=', keyId)
          .executeTakeFirst();
        return numDeletedRows > 0n ? 'removed' : 'no-such-key';
      }),
  };
}

function selectOf(database: Database, scope: Scope) {
  return database
    .selectFrom('kms_keys')
    .selectAll()
    .where('account_id', '=', scope.accountId)
    .where('region', '=', scope.region);
}

function toKey(row: KmsKeyRow): SealedRingKey {
  return {
    accountId: row.account_id as AccountId,
    region: row.region,
    keyId: row.key_id,
    spec: row.spec as RingKeySpec,
    description: row.description ?? undefined,
    publicKey: row.public_key_json === null ? undefined : (JSON.parse(row.public_key_json) as PublicKeyJwk),
    sealedKey: row.sealed_key,
    createdAtMs: row.created_at,
  };
}

function fromKey(key: SealedRingKey): KmsKeyRow {
  return {
    key_id: key.keyId,
    account_id: key.accountId,
    region: key.region,
    spec: key.spec,
    description: key.description ?? null,
    sealed_key: key.sealedKey,
    public_key_json: key.publicKey === undefined ? null : JSON.stringify(key.publicKey),
    created_at: key.createdAtMs,
  };
}
