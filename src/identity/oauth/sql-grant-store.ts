import type { Database } from '../../storage/database.ts';
import type { OauthGrantRow } from '../../storage/tables.ts';
import type { Grant, GrantKey, GrantStore } from './grant.ts';

export function createSqlGrantStore({ database }: { readonly database: Database }): GrantStore {
  const update = ({ id, version }: Pick<Grant, 'id' | 'version'>) =>
    database.updateTable('oauth_grants').where('grant_id', '=', id).where('version', '=', version);
  return {
    async find(id) {
      const query = database.selectFrom('oauth_grants').selectAll().where('grant_id', '=', id);
      const row = await query.executeTakeFirst();
      return row && toGrant(row);
    },
    async lease(grant, holder, nowMs, untilMs) {
      const { numUpdatedRows } = await update(grant)
        .where('lease_expires_at', '<=', nowMs)
        .set({ lease_holder: holder, lease_expires_at: untilMs })
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async replace(version, grant, nowMs) {
      const { numUpdatedRows } = await update({ id: grant.id, version })
        .set({ ...columnsOf(grant, nowMs), lease_holder: null, lease_expires_at: 0 })
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async release(grant, holder) {
      await update(grant)
        .where('lease_holder', '=', holder)
        .set({ lease_holder: null, lease_expires_at: 0 })
        .execute();
    },
    async remove({ id, version }) {
      const query = database.deleteFrom('oauth_grants').where('grant_id', '=', id);
      await query.where('version', '=', version).execute();
    },
    async removeOfProvider(providerId) {
      await database.deleteFrom('oauth_grants').where('provider_id', '=', providerId).execute();
    },
  };
}

/** For the transaction that ends a consent. */
export async function putGrant(
  transaction: Database,
  key: GrantKey,
  grant: Grant,
  nowMs: number,
): Promise<void> {
  const columns = { ...columnsOf(grant, nowMs), lease_holder: null, lease_expires_at: 0 };
  await transaction
    .insertInto('oauth_grants')
    .values({
      grant_id: key.id,
      account_id: key.accountId,
      region: key.region,
      workload: key.workload,
      provider_id: key.providerId,
      ...columns,
    })
    .onConflict((conflict) => conflict.column('grant_id').doUpdateSet(columns))
    .execute();
}

function columnsOf(grant: Grant, nowMs: number) {
  return {
    version: grant.version,
    sealed_tokens: grant.sealedTokens,
    expires_at: grant.expiresAtMs ?? null,
    renew_at: grant.renewAtMs ?? null,
    updated_at: nowMs,
  };
}

function toGrant(row: OauthGrantRow): Grant {
  return {
    id: row.grant_id,
    version: row.version,
    sealedTokens: row.sealed_tokens,
    expiresAtMs: row.expires_at ?? undefined,
    renewAtMs: row.renew_at ?? undefined,
  };
}
