import { type Kysely, type Migration, sql } from 'kysely';

const statements = [
  `update access_keys set role = 'invoker' where role = 'invoke'`,
  `alter table access_keys add column limits_json text`,
  `create table resource_policies (
    arn text primary key, policy text not null, updated_at integer not null) strict`,
  `create table session_bindings (
    runtime_id text not null, session_id text not null, owner text not null, bound_at integer not null,
    primary key (runtime_id, session_id)) strict`,
  `create table audit_log (
    seq integer primary key, at integer not null, kind text not null, principal text not null, access_key_id text,
    action text not null, resource text not null, reason text not null, request_id text, source_ip text,
    repeats integer not null, hash text not null) strict`,
  `create trigger audit_log_is_not_changed before update on audit_log
    begin select raise(abort, 'the audit log is not changed'); end`,
  `create trigger audit_log_is_cut_at_its_beginning before delete on audit_log
    when old.seq <> (select min(seq) from audit_log)
    begin select raise(abort, 'only the oldest entry of the audit log may go'); end`,
];

export const authorisation: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
