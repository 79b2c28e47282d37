import { type Kysely, type Migration, sql } from 'kysely';

/** All of it goes with the workload identity, so that one made anew under an old name gets nothing of the old one's. */
const ofWorkload = `foreign key (account_id, region, workload)
  references workload_identities (account_id, region, name) on delete cascade`;

const statements = [
  `create table oauth_consents (
    consent_id text primary key, link_digest text not null unique, user_digest text not null,
    account_id text not null, region text not null, workload text not null,
    provider_id text not null, callback_id text not null, grant_id text not null, state text not null,
    state_digest text unique, cookie_digest text, sealed_request text not null, sealed_exchange text,
    sealed_tokens text, expires_at integer not null, ${ofWorkload}) strict`,
  `create index oauth_consents_by_expiry on oauth_consents (expires_at)`,
  `create index oauth_consents_by_provider on oauth_consents (provider_id)`,
  `create index oauth_consents_by_workload on oauth_consents (account_id, region, workload, expires_at)`,
  `create index oauth_consents_by_user on oauth_consents (account_id, region, workload, user_digest, expires_at)`,
  `create table oauth_grants (
    grant_id text primary key, account_id text not null, region text not null, workload text not null,
    provider_id text not null, version text not null, sealed_tokens text not null, expires_at integer,
    renew_at integer, lease_holder text, lease_expires_at integer not null default 0, updated_at integer not null,
    ${ofWorkload}) strict`,
  `create index oauth_grants_by_provider on oauth_grants (provider_id)`,
  `create index oauth_grants_by_workload on oauth_grants (account_id, region, workload)`,
  `create table subject_tokens (
    subject_id text primary key, account_id text not null, region text not null, workload text not null,
    sealed_token text not null, expires_at integer not null, ${ofWorkload}) strict`,
  `create index subject_tokens_by_expiry on subject_tokens (expires_at)`,
  `create index subject_tokens_by_workload on subject_tokens (account_id, region, workload)`,
];

export const oauthFlows: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
