import { setImmediate } from 'node:timers/promises';
import type { Database } from '../../storage/database.ts';
import type { AuditLogRow } from '../../storage/tables.ts';
import { type AuditEntry, type AuditKind, auditKinds, chainStart, hashEntry } from './audit-entry.ts';
import type { AuditLimits, AuditStore } from './audit-store.ts';
import { findAuditRows } from './sql-audit-query.ts';
import { verifyAuditRows } from './verify-audit-rows.ts';

/** How many entries are removed in one go. */
const stretch = 250;

/** `key` binds the chains to this server. */
export function createSqlAuditStore({
  database,
  key,
}: {
  readonly database: Database;
  readonly key: Uint8Array;
}): AuditStore {
  return {
    async listAfter(seq, filter, limit) {
      const { rows, upTo } = await findAuditRows(database, { seq, direction: 'asc' }, filter, limit);
      return { entries: rows.map(toEntry), upToSeq: upTo };
    },
    async listBefore(seq, filter, limit) {
      const { rows } = await findAuditRows(database, { seq, direction: 'desc' }, filter, limit);
      return rows.map(toEntry);
    },
    append(entries) {
      return database.transaction().execute(async (transaction) => {
        let { seq } = (await lastOf(transaction)) ?? { seq: 0 };
        const hashes = new Map<AuditKind, string>();
        for (const entry of entries) {
          seq += 1;
          const { kind } = entry;
          const previous = hashes.get(kind) ?? (await lastOf(transaction, kind))?.hash ?? chainStart;
          const hash = hashEntry(key, previous, { ...entry, seq });
          hashes.set(kind, hash);
          await transaction
            .insertInto('audit_log')
            .values(toRow({ ...entry, seq, hash }, previous))
            .execute();
        }
      });
    },
    async trim(limits, nowMs) {
      for (const trail of trails) await trimTrail(database, trail, limits, nowMs);
    },
    verify: () =>
      verifyAuditRows({
        rowsAfter: (seq, limit) =>
          database
            .selectFrom('audit_log')
            .selectAll()
            .where('seq', '>', seq)
            .orderBy('seq')
            .limit(limit)
            .execute(),
        isBound: (row) => hashEntry(key, row.previous_hash, toEntry(row)) === row.hash,
      }),
  };
}

/** The kinds, and what was written before each of them had a chain of its own. */
const trails = [...auditKinds, 'mixed'] as const;

function lastOf(database: Database, trail?: string): Promise<Pick<AuditLogRow, 'seq' | 'hash'> | undefined> {
  let query = database.selectFrom('audit_log').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1);
  if (trail !== undefined) query = query.where('trail', '=', trail);
  return query.executeTakeFirst();
}

async function trimTrail(
  database: Database,
  trail: string,
  { entries, ageMs }: AuditLimits,
  nowMs: number,
): Promise<void> {
  const newest = await lastOf(database, trail);
  if (newest === undefined) return;
  const seqs = () => database.selectFrom('audit_log').select('seq').where('trail', '=', trail);
  const tooMany = await seqs()
    .orderBy('seq', 'desc')
    .offset(entries - 1)
    .limit(1)
    .executeTakeFirst();
  const young =
    ageMs === undefined
      ? undefined
      : ((await seqs()
          .where('at', '>=', nowMs - ageMs)
          .orderBy('seq')
          .limit(1)
          .executeTakeFirst()) ?? newest);
  const firstKept = Math.min(newest.seq, Math.max(tooMany?.seq ?? 0, young?.seq ?? 0));
  for (;;) {
    const oldest = seqs().where('seq', '<', firstKept).orderBy('seq').limit(stretch);
    const { numDeletedRows } = await database
      .deleteFrom('audit_log')
      .where('seq', 'in', oldest)
      .executeTakeFirstOrThrow();
    if (Number(numDeletedRows) < stretch) return;
    await setImmediate();
  }
}

function toRow(entry: AuditEntry, previousHash: string): AuditLogRow {
  return {
    seq: entry.seq,
    trail: entry.kind,
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
    hash: entry.hash,
    previous_hash: previousHash,
  };
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
