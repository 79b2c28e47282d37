import { type Kysely, type Migration, sql } from 'kysely';

export const credentialProviders: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create table credential_providers (
      provider_id text primary key, account_id text not null, region text not null, kind text not null, name text not null,
      callback_id text unique, settings_json text, secret_json text not null, sealed_secret text,
      revision integer not null, created_at integer not null, last_updated_at integer not null,
      unique (account_id, region, kind, name)) strict`.execute(db);
  },
};
