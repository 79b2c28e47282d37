import { type Kysely, type Migration, sql } from 'kysely';

export const workloadTokens: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table workload_identities add column incarnation text not null default ''`.execute(db);
    await sql`create table workload_signing_keys (
      key_id text primary key, number integer not null unique, sealed_secret text not null,
      created_at integer not null) strict`.execute(db);
  },
};
