import { type Kysely, type Migration, sql } from 'kysely';

export const sessionAliases: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create table session_aliases (
      runtime_id text not null, alias text not null, session_id text not null, agent_session_id text not null,
      primary key (runtime_id, alias),
      foreign key (runtime_id, session_id) references sessions on delete cascade) strict`.execute(db);
    await sql`create index session_aliases_by_session on session_aliases (runtime_id, session_id)`.execute(
      db,
    );
  },
};
