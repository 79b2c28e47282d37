import type { Database } from '../../storage/database.ts';
import type { SealedBox } from '../../storage/sealed-box.ts';
import type { SigningKeyStore } from './signing-key-store.ts';

export interface SqlSigningKeyStoreParts {
  readonly database: Database;
  readonly sealedBox: SealedBox;
}

export function createSqlSigningKeyStore({ database, sealedBox }: SqlSigningKeyStoreParts): SigningKeyStore {
  return {
    async list() {
      const rows = await database.selectFrom('workload_signing_keys').selectAll().orderBy('number').execute();
      return rows.map((row) => ({
        id: row.key_id,
        secret: Buffer.from(sealedBox.open(row.sealed_secret, purposeOf(row.key_id)), 'base64'),
        createdAtMs: row.created_at,
      }));
    },
    add: ({ id, secret, createdAtMs }, unlessAfterMs) =>
      database.transaction().execute(async (transaction) => {
        const newest = await transaction
          .selectFrom('workload_signing_keys')
          .select(['number', 'created_at'])
          .orderBy('number', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (newest !== undefined && newest.created_at > unlessAfterMs) return false;
        const row = {
          key_id: id,
          number: (newest?.number ?? 0) + 1,
          sealed_secret: sealedBox.seal(Buffer.from(secret).toString('base64'), purposeOf(id)),
          created_at: createdAtMs,
        };
        await transaction.insertInto('workload_signing_keys').values(row).execute();
        return true;
      }),
    async remove(ids) {
      if (ids.length === 0) return;
      await database.deleteFrom('workload_signing_keys').where('key_id', 'in', ids).execute();
    },
  };
}

function purposeOf(keyId: string): string {
  return `workload signing key ${keyId}`;
}
