import { type Kysely, type Migration, sql } from 'kysely';

export const hibernation: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create table checkpoints (
      sandbox_id text primary key, sealed_key text not null, size_bytes integer not null,
      created_at integer not null) strict`.execute(db);
    await sql`alter table sessions add column hibernated_at integer`.execute(db);
    await sql`alter table sessions add column kept_until integer`.execute(db);
    await sql`alter table sessions add column asleep_ms integer not null default 0`.execute(db);
  },
};
