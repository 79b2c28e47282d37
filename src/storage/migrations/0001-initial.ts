import { type Kysely, type Migration, sql } from 'kysely';

const statements = [
  `create table settings (name text primary key, value text not null) strict`,
  `create table access_keys (
    access_key_id text primary key, account_id text not null, region text not null, role text not null, name text not null,
    sealed_secret text not null, created_at integer not null, revoked_at integer) strict`,
  `create table runtimes (
    runtime_id text primary key, account_id text not null, region text not null, name text not null, status text not null,
    failure_reason text, newest_version integer not null, served_version integer, workload_identity_name text not null,
    created_at integer not null, last_updated_at integer not null, unique (account_id, region, name)) strict`,
  `create table runtime_versions (
    runtime_id text not null references runtimes on delete cascade, version integer not null, status text not null,
    failure_reason text, artifact_json text not null, manifest text, protocol text not null, settings_json text not null,
    created_at integer not null, last_updated_at integer not null, primary key (runtime_id, version)) strict`,
  `create index runtime_versions_by_manifest on runtime_versions (manifest)`,
  `create table runtime_endpoints (
    runtime_id text not null references runtimes on delete cascade, name text not null, status text not null,
    failure_reason text, live_version integer, target_version integer not null, description text,
    created_at integer not null, last_updated_at integer not null, primary key (runtime_id, name)) strict`,
  `create table workload_identities (
    account_id text not null, region text not null, name text not null, owner_runtime_id text,
    return_urls_json text not null, created_at integer not null, last_updated_at integer not null,
    primary key (account_id, region, name)) strict`,
  `create table tags (arn text not null, key text not null, value text not null, primary key (arn, key)) strict`,
  `create table idempotency (
    account_id text not null, region text not null, operation text not null, token text not null,
    parameters_sha256 text not null, status integer not null, answer_json text not null, created_at integer not null,
    primary key (account_id, region, operation, token)) strict`,
  `create index idempotency_by_age on idempotency (created_at)`,
  `create table sessions (
    runtime_id text not null, session_id text not null, account_id text not null, region text not null,
    incarnation integer not null, endpoint text not null, version integer not null, state text not null, sandbox_id text,
    started_at integer not null, ready_at integer, last_activity_at integer not null, ended_at integer, end_reason text,
    lease_holder text not null, lease_expires_at integer not null, primary key (runtime_id, session_id)) strict`,
  `create index sessions_live on sessions (state) where state <> 'ended'`,
  `create table repository_blobs (
    repository text not null, digest text not null, media_type text, subject text, artifact_type text,
    annotations_json text not null, size_bytes integer not null, touched_at integer not null,
    primary key (repository, digest)) strict`,
  `create index repository_blobs_by_digest on repository_blobs (digest)`,
  `create index repository_blobs_by_subject on repository_blobs (repository, subject) where subject is not null`,
  `create table repository_references (
    repository text not null, manifest text not null, digest text not null,
    primary key (repository, manifest, digest)) strict`,
  `create index repository_references_by_digest on repository_references (repository, digest)`,
  `create table repository_tags (
    repository text not null, tag text not null, digest text not null, updated_at integer not null,
    primary key (repository, tag)) strict`,
  `create index repository_tags_by_digest on repository_tags (repository, digest)`,
  `create table uploads (upload_id text primary key, repository text, active_at integer not null) strict`,
  `create table content_pins (digest text primary key, touched_at integer not null) strict`,
  `create table registry_credentials (
    host text primary key, username text not null, sealed_password text not null, created_at integer not null) strict`,
  `create table jobs (
    job_id text primary key, kind text not null, payload_json text not null, run_after integer not null,
    attempts integer not null, lease_holder text, lease_expires_at integer not null, created_at integer not null) strict`,
  `create index jobs_due on jobs (run_after)`,
];

export const initial: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
