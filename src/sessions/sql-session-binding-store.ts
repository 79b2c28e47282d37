import type { Database } from '../storage/database.ts';
import type { SessionBindingStore } from './session-bindings.ts';

export function createSqlSessionBindingStore(database: Database): SessionBindingStore {
  const find: SessionBindingStore['find'] = async ({ runtimeId, sessionId }) => {
    const row = await database
      .selectFrom('session_bindings')
      .select('owner')
      .where('runtime_id', '=', runtimeId)
      .where('session_id', '=', sessionId)
      .executeTakeFirst();
    return row?.owner;
  };
  return {
    find,
    async bind(key, owner, atMs) {
      // Asked first: nearly all calls are of sessions that are somebody's.
      const known = await find(key);
      if (known !== undefined) return known;
      const row = await database
        .insertInto('session_bindings')
        .values({ runtime_id: key.runtimeId, session_id: key.sessionId, owner, bound_at: atMs })
        // Sets what is there already, so that it is returned.
        .onConflict((conflict) =>
          conflict
            .columns(['runtime_id', 'session_id'])
            .doUpdateSet((is) => ({ owner: is.ref('session_bindings.owner') })),
        )
        .returning('owner')
        .executeTakeFirstOrThrow();
      return row.owner;
    },
  };
}
