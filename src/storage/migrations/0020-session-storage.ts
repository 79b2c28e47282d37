import { type Kysely, type Migration, sql } from 'kysely';

export const sessionStorage: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create table session_storage (
      runtime_id text not null, session_id text not null, account_id text not null, region text not null,
      version integer not null, volume_id text not null unique, size_bytes integer not null, created_at integer not null,
      last_used_at integer not null, primary key (runtime_id, session_id)) strict`.execute(db);
    await sql`create index session_storage_by_use on session_storage (last_used_at)`.execute(db);
  },
};
