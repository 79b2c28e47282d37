import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '../../storage/database.ts';
import type { AuditLogRow } from '../../storage/tables.ts';
import { type AuditEntry, type AuditKind, chainStart, hashEntry } from './audit-entry.ts';
import type { AuditFilter, AuditStore, AuditVerification } from './audit-store.ts';

/** How many entries are looked at in one go. */
const stretch = 1_000;

/** `key` binds the chain to this server. */
export function createSqlAuditStore({
  database,
  key,
}: {
  readonly database: Database;
  readonly key: Uint8Array;
}): AuditStore {
  const select = (filter: AuditFilter) => {
    const { sinceMs, principal, action, kind } = filter;
    let query = database.selectFrom('audit_log').selectAll();
    if (sinceMs !== undefined) query = query.where('at', '>=', sinceMs);
    if (kind !== undefined) query = query.where('kind', '=', kind);
    if (principal !== undefined)
      query = query.where((is) =>
        is.or([
          is('principal', '=', principal),
          is('access_key_id', '=', principal),
          sql<boolean>`substr(principal, -length(${principal}) - 1) = ${`/${principal}`}`,
        ]),
      );
    if (action !== undefined) {
      const glob = toGlob(action.toLowerCase());
      query = query.where((is) =>
        is.or([
          sql<boolean>`lower(action) glob ${glob}`,
          sql<boolean>`lower(substr(action, instr(action, ':') + 1)) glob ${glob}`,
        ]),
      );
    }
    return query;
  };
  const listAfter: AuditStore['listAfter'] = async (seq, filter, limit) => {
    const rows = await select(filter).where('seq', '>', seq).orderBy('seq').limit(limit).execute();
    return rows.map(toEntry);
  };
  return {
    listAfter,
    async listBefore(seq, filter, limit) {
      const rows = await select(filter).where('seq', '<', seq).orderBy('seq', 'desc').limit(limit).execute();
      return rows.map(toEntry);
    },
    append(entries) {
      return database.transaction().execute(async (transaction) => {
        const last = await transaction
          .selectFrom('audit_log')
          .select(['seq', 'hash'])
          .orderBy('seq', 'desc')
          .limit(1)
          .executeTakeFirst();
        let { seq, hash } = last ?? { seq: 0, hash: chainStart };
        for (const entry of entries) {
          seq += 1;
          hash = hashEntry(key, hash, { ...entry, seq });
          await transaction
            .insertInto('audit_log')
            .values({
              seq,
              at: entry.atMs,
              kind: entry.kind,
              principal: entry.principal,
              access_key_id: entry.accessKeyId ?? null,
              action: entry.action,
              resource: entry.resource,
              reason: entry.reason,
              request_id: entry.requestId ?? null,
              source_ip: entry.sourceIp ?? null,
              repeats: entry.repeats,
              hash,
            })
            .execute();
        }
      });
    },
    async trim(most) {
      await sql`delete from audit_log where seq <= (select max(seq) from audit_log) - ${most}`.execute(
        database,
      );
    },
    async verify() {
      const found: Mutable<AuditVerification> = {
        entries: 0,
        firstSeq: undefined,
        lastSeq: undefined,
        lastHash: undefined,
        brokenAtSeq: undefined,
      };
      for (let after = -1; ; after = found.lastSeq ?? after) {
        const entries = await listAfter(after, {}, stretch);
        for (const entry of entries) {
          found.brokenAtSeq ??= isBroken(key, found, entry) ? entry.seq : undefined;
          found.entries += 1;
          found.firstSeq ??= entry.seq;
          found.lastSeq = entry.seq;
          found.lastHash = entry.hash;
        }
        if (entries.length < stretch) return found;
        // Calls go on meanwhile.
        await setImmediate();
      }
    },
  };
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** What came before the oldest entry that is kept is not known; nothing came before number 1. */
function isBroken(key: Uint8Array, { lastSeq, lastHash }: AuditVerification, entry: AuditEntry): boolean {
  if (lastSeq === undefined || lastHash === undefined)
    return entry.seq === 1 && entry.hash !== hashEntry(key, chainStart, entry);
  return entry.seq !== lastSeq + 1 || entry.hash !== hashEntry(key, lastHash, entry);
}

/** What SQLite's `glob` takes beside `*` stands for itself. */
function toGlob(pattern: string): string {
  return pattern.replace(/[?[]/g, '[$&]');
}

function toEntry(row: AuditLogRow): AuditEntry {
  return {
    seq: row.seq,
    atMs: row.at,
    // One that somebody else wrote is shown as it is; `verify` finds it.
    kind: row.kind as AuditKind,
    principal: row.principal,
    accessKeyId: row.access_key_id ?? undefined,
    action: row.action,
    resource: row.resource,
    reason: row.reason,
    requestId: row.request_id ?? undefined,
    sourceIp: row.source_ip ?? undefined,
    repeats: row.repeats,
    hash: row.hash,
  };
}
