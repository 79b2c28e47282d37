import { sql } from 'kysely';
import type { AccountId, RuntimeId, SessionId, VolumeId } from '../shared/ids.ts';
import type { Database } from '../storage/database.ts';
import type { SessionStorageRow } from '../storage/tables.ts';
import type { SessionStorage, SessionStorageStore } from './session-storage-store.ts';

export function sqlSessionStorageStore(database: Database): SessionStorageStore {
  return {
    async find(runtimeId, sessionId) {
      const row = await database
        .selectFrom('session_storage')
        .selectAll()
        .where('runtime_id', '=', runtimeId)
        .where('session_id', '=', sessionId)
        .executeTakeFirst();
      return row && toStorage(row);
    },
    async put(storage) {
      const { runtime_id, session_id, ...rest } = toRow(storage);
      await database
        .insertInto('session_storage')
        .values({ runtime_id, session_id, ...rest })
        .onConflict((conflict) => conflict.columns(['runtime_id', 'session_id']).doUpdateSet(rest))
        .execute();
    },
    async touch(sessions, atMs) {
      if (sessions.length === 0) return;
      await database.transaction().execute(async (transaction) => {
        for (const { runtimeId, sessionId } of sessions) {
          await transaction
            .updateTable('session_storage')
            .set({ last_used_at: atMs })
            .where('runtime_id', '=', runtimeId)
            .where('session_id', '=', sessionId)
            .execute();
        }
      });
    },
    async ofRuntime(runtimeId, version) {
      let query = database.selectFrom('session_storage').selectAll().where('runtime_id', '=', runtimeId);
      if (version !== undefined) query = query.where('version', '=', version);
      return (await query.execute()).map(toStorage);
    },
    async unusedSince(beforeMs) {
      const rows = await database
        .selectFrom('session_storage')
        .selectAll()
        .where('last_used_at', '<', beforeMs)
        .execute();
      return rows.map(toStorage);
    },
    async remove(volume) {
      await database.deleteFrom('session_storage').where('volume_id', '=', volume).execute();
    },
    async volumes() {
      const rows = await database.selectFrom('session_storage').select('volume_id').execute();
      return rows.map((row) => row.volume_id as VolumeId);
    },
    async list(scope, { runtimeId, after, limit }) {
      let query = database
        .selectFrom('session_storage')
        .selectAll()
        .where('account_id', '=', scope.accountId)
        .where('region', '=', scope.region);
      if (runtimeId !== undefined) query = query.where('runtime_id', '=', runtimeId);
      if (after !== undefined)
        query = query.where(sql<boolean>`(runtime_id, session_id) > (${after[0]}, ${after[1]})`);
      const rows = await query.orderBy('runtime_id').orderBy('session_id').limit(limit).execute();
      return rows.map(toStorage);
    },
  };
}

function toStorage(row: SessionStorageRow): SessionStorage {
  return {
    accountId: row.account_id as AccountId,
    region: row.region,
    runtimeId: row.runtime_id as RuntimeId,
    sessionId: row.session_id as SessionId,
    version: row.version,
    volume: row.volume_id as VolumeId,
    sizeBytes: row.size_bytes,
    createdAtMs: row.created_at,
    lastUsedAtMs: row.last_used_at,
  };
}

function toRow(storage: SessionStorage): SessionStorageRow {
  return {
    account_id: storage.accountId,
    region: storage.region,
    runtime_id: storage.runtimeId,
    session_id: storage.sessionId,
    version: storage.version,
    volume_id: storage.volume,
    size_bytes: storage.sizeBytes,
    created_at: storage.createdAtMs,
    last_used_at: storage.lastUsedAtMs,
  };
}
