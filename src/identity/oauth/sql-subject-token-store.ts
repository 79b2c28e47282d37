import type { Database } from '../../storage/database.ts';
import type { SubjectTokenStore } from './subject-tokens.ts';

export function createSqlSubjectTokenStore({ database }: { readonly database: Database }): SubjectTokenStore {
  return {
    async put({ id, scope, workload, sealed, expiresAtMs }) {
      const { accountId, region } = scope;
      const columns = { sealed_token: sealed, expires_at: expiresAtMs };
      await database
        .insertInto('subject_tokens')
        .values({ subject_id: id, account_id: accountId, region, workload, ...columns })
        .onConflict((conflict) => conflict.column('subject_id').doUpdateSet(columns))
        .execute();
    },
    async find(id) {
      const query = database.selectFrom('subject_tokens').selectAll().where('subject_id', '=', id);
      const row = await query.executeTakeFirst();
      return row && { sealed: row.sealed_token, expiresAtMs: row.expires_at };
    },
    async removeExpired(nowMs) {
      await database.deleteFrom('subject_tokens').where('expires_at', '<=', nowMs).execute();
    },
  };
}
