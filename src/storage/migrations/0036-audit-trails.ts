import { type Kysely, type Migration, sql } from 'kysely';

/** Entries so far stay in the chain that they were written in, `mixed`. The oldest one's place cannot be known if others came before it. */
const statements = [
  'drop trigger if exists audit_log_is_not_changed',
  'drop trigger if exists audit_log_is_cut_at_its_beginning',
  `alter table audit_log add column trail text not null default 'mixed'`,
  `alter table audit_log add column previous_hash text not null default ''`,
  `update audit_log set previous_hash =
    coalesce((select earlier.hash from audit_log earlier where earlier.seq = audit_log.seq - 1), '')`,
  `delete from audit_log where seq > 1 and seq = (select min(seq) from audit_log)`,
  'create index audit_log_by_trail on audit_log (trail, seq)',
  `create trigger audit_log_is_not_changed before update on audit_log
    begin select raise(abort, 'the audit log is not changed'); end`,
  `create trigger audit_log_is_cut_at_its_beginning before delete on audit_log
    when old.seq <> (select min(seq) from audit_log where trail = old.trail)
    begin select raise(abort, 'only the oldest entry of a kind may go from the audit log'); end`,
];

export const auditTrails: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
