import { type Kysely, type Migration, sql } from 'kysely';

export const pooledSandboxes: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create table pooled_sandboxes (
      sandbox_id text primary key, runtime_id text not null, version integer not null, blueprint text not null,
      ready_at integer, holder text not null) strict`.execute(db);
  },
};
