import type { Database } from '../../storage/database.ts';
import type { SealedBox } from '../../storage/sealed-box.ts';
import type { RegistryCredentialStore } from './registry-credentials.ts';

export function sqlRegistryCredentialStore(parts: {
  database: Database;
  sealedBox: SealedBox;
}): RegistryCredentialStore {
  const { database, sealedBox } = parts;
  return {
    async put(host, { username, password }, nowMs) {
      const row = { username, sealed_password: sealedBox.seal(password, purposeOf(host)), created_at: nowMs };
      await database
        .insertInto('registry_credentials')
        .values({ host, ...row })
        .onConflict((conflict) => conflict.column('host').doUpdateSet(row))
        .execute();
    },
    async find(host) {
      const row = await database
        .selectFrom('registry_credentials')
        .select(['username', 'sealed_password'])
        .where('host', '=', host)
        .executeTakeFirst();
      return (
        row && { username: row.username, password: sealedBox.open(row.sealed_password, purposeOf(host)) }
      );
    },
    async list() {
      const rows = await database
        .selectFrom('registry_credentials')
        .select(['host', 'username', 'created_at'])
        .orderBy('host')
        .execute();
      return rows.map(({ host, username, created_at }) => ({ host, username, createdAtMs: created_at }));
    },
    async remove(host) {
      const { numDeletedRows } = await database
        .deleteFrom('registry_credentials')
        .where('host', '=', host)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

function purposeOf(host: string): string {
  return `password for the registry ${host}`;
}
