import { type Kysely, type Migration, sql } from 'kysely';

/** A wrapping key that data keys need, and a key of the ring that a wrapping key needs, cannot be deleted. */
export const vault: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create table kms_keys (
      key_id text primary key, account_id text not null, region text not null, spec text not null,
      description text, sealed_key text not null, public_key_json text, created_at integer not null) strict`.execute(
      db,
    );
    await sql`create table vault_wrapping_keys (
      account_id text not null, region text not null, version integer not null,
      sealed_key text, kms_key_id text references kms_keys (key_id), transit_key text, created_at integer not null,
      primary key (account_id, region, version)) strict`.execute(db);
    await sql`create table vault_data_keys (
      owner text primary key, account_id text not null, region text not null, wrapping_version integer not null,
      wrapped_key text not null,
      foreign key (account_id, region, wrapping_version)
        references vault_wrapping_keys (account_id, region, version)) strict`.execute(db);
    await sql`create index vault_data_keys_by_version
      on vault_data_keys (account_id, region, wrapping_version)`.execute(db);
  },
};
