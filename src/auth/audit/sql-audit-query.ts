import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '../../storage/database.ts';
import type { AuditLogRow } from '../../storage/tables.ts';
import type { AuditFilter } from './audit-store.ts';

export type Direction = 'asc' | 'desc';

/** How many rows are looked at in one go: calls go on between two of them. */
const stretch = 2_000;

/** At most `limit` rows that fit, from after (`asc`) or before (`desc`) the row `seq` on, and up to where that was looked for. */
export async function findAuditRows(
  database: Database,
  { seq, direction }: { readonly seq: number; readonly direction: Direction },
  filter: AuditFilter,
  limit: number,
): Promise<{ readonly rows: readonly AuditLogRow[]; readonly upTo: number }> {
  const found: AuditLogRow[] = [];
  for (let from = seq; ;) {
    const to = await endOfStretch(database, from, direction);
    if (to === undefined) return { rows: found, upTo: from };
    const rows = await fitting(database, filter)
      .where('seq', direction === 'asc' ? '>' : '<', from)
      .where('seq', direction === 'asc' ? '<=' : '>=', to)
      .orderBy('seq', direction)
      .limit(limit - found.length)
      .execute();
    found.push(...rows);
    const last = found.at(-1);
    if (last !== undefined && found.length === limit) return { rows: found, upTo: last.seq };
    from = to;
    await setImmediate();
  }
}

/** Undefined where nothing follows. */
async function endOfStretch(
  database: Database,
  from: number,
  direction: Direction,
): Promise<number | undefined> {
  const within = database
    .selectFrom('audit_log')
    .select('seq')
    .where('seq', direction === 'asc' ? '>' : '<', from)
    .orderBy('seq', direction)
    .limit(stretch)
    .as('stretch');
  const { end } = await database
    .selectFrom(within)
    .select((pick) => (direction === 'asc' ? pick.fn.max('seq') : pick.fn.min('seq')).as('end'))
    .executeTakeFirstOrThrow();
  return end ?? undefined;
}

function fitting(database: Database, filter: AuditFilter) {
  const { sinceMs, untilMs, principal, action, resource, kinds } = filter;
  let query = database.selectFrom('audit_log').selectAll();
  if (sinceMs !== undefined) query = query.where('at', '>=', sinceMs);
  if (untilMs !== undefined) query = query.where('at', '<', untilMs);
  if (kinds !== undefined) query = query.where('kind', 'in', kinds);
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
  if (resource !== undefined) {
    const glob = toGlob(resource);
    query = query.where((is) =>
      is.or([sql<boolean>`resource glob ${glob}`, sql<boolean>`resource glob ${`*/${glob}`}`]),
    );
  }
  return query;
}

/** What SQLite's `glob` takes beside `*` stands for itself. */
function toGlob(pattern: string): string {
  return pattern.replace(/[?[]/g, '[$&]');
}
