import { sql } from 'kysely';
import { BerthError } from '../shared/errors.ts';
import type { AccountId, RuntimeId, SandboxId, Scope, SessionId } from '../shared/ids.ts';
import type { Database } from '../storage/database.ts';
import type { SessionRow } from '../storage/tables.ts';
import {
  asleepStates,
  type Session,
  type SessionEndReason,
  type SessionState,
  sessionStates,
} from './session.ts';
import type {
  ActivityRecord,
  NewIncarnation,
  SessionFilter,
  SessionOwnership,
  SessionStore,
} from './session-store.ts';

/** So that one transaction never holds up others for long. */
const recordsPerTransaction = 200;

export class SqlSessionStore implements SessionStore {
  readonly #database: Database;

  constructor(parts: { readonly database: Database }) {
    this.#database = parts.database;
  }

  async claim(
    start: NewIncarnation,
    { holder, expiresAtMs }: SessionOwnership,
    nowMs: number,
  ): Promise<Session | undefined> {
    const begun = {
      account_id: start.scope.accountId,
      region: start.scope.region,
      endpoint: start.endpoint,
      version: start.version,
      state: start.readyAtMs === undefined ? 'starting' : 'ready',
      sandbox_id: start.sandboxId,
      started_at: start.startedAtMs,
      ready_at: start.readyAtMs ?? null,
      last_activity_at: start.startedAtMs,
      ended_at: null,
      end_reason: null,
      hibernated_at: null,
      kept_until: null,
      asleep_ms: 0,
      lease_holder: holder,
      lease_expires_at: expiresAtMs,
    };
    const row = await this.#database
      .insertInto('sessions')
      .values({ runtime_id: start.runtimeId, session_id: start.id, incarnation: 1, ...begun })
      .onConflict((conflict) =>
        conflict
          .columns(['runtime_id', 'session_id'])
          .doUpdateSet({ ...begun, incarnation: sql<number>`sessions.incarnation + 1` })
          .where((row) =>
            row.or([
              row('sessions.state', '=', 'ended'),
              row.and([
                row('sessions.state', 'not in', [...asleepStates]),
                row.or([
                  row('sessions.lease_holder', '=', holder),
                  row('sessions.lease_expires_at', '<=', nowMs),
                ]),
              ]),
            ]),
          ),
      )
      .returningAll()
      .executeTakeFirst();
    return row && toSession(row);
  }

  async update(session: Session): Promise<void> {
    await this.#database
      .updateTable('sessions')
      .set({
        state: session.state,
        sandbox_id: session.sandboxId ?? null,
        ready_at: session.readyAtMs ?? null,
        last_activity_at: session.lastActivityAtMs,
        ended_at: session.endedAtMs ?? null,
        end_reason: session.endReason ?? null,
        hibernated_at: session.hibernation?.sinceMs ?? null,
        kept_until: session.hibernation?.untilMs ?? null,
        asleep_ms: session.asleepMs ?? 0,
      })
      .where('runtime_id', '=', session.runtimeId)
      .where('session_id', '=', session.id)
      .where('incarnation', '=', session.incarnation)
      .execute();
  }

  async recordActivity(records: readonly ActivityRecord[]): Promise<void> {
    for (let from = 0; from < records.length; from += recordsPerTransaction) {
      const some = records.slice(from, from + recordsPerTransaction);
      await this.#database.transaction().execute(async (transaction) => {
        for (const { runtimeId, id, incarnation, atMs } of some) {
          await transaction
            .updateTable('sessions')
            .set({ last_activity_at: atMs })
            .where('runtime_id', '=', runtimeId)
            .where('session_id', '=', id)
            .where('incarnation', '=', incarnation)
            .where('last_activity_at', '<', atMs)
            .execute();
        }
      });
    }
  }

  async renewOwnership({ holder, expiresAtMs }: SessionOwnership): Promise<void> {
    await this.#database
      .updateTable('sessions')
      .set({ lease_expires_at: expiresAtMs })
      .where('state', '<>', 'ended')
      .where('lease_holder', '=', holder)
      .execute();
  }

  async find(runtimeId: RuntimeId, id: SessionId): Promise<Session | undefined> {
    const row = await this.#database
      .selectFrom('sessions')
      .selectAll()
      .where('runtime_id', '=', runtimeId)
      .where('session_id', '=', id)
      .executeTakeFirst();
    return row && toSession(row);
  }

  async listOwned(holder: string, nowMs: number): Promise<readonly Session[]> {
    const rows = await this.#database
      .selectFrom('sessions')
      .selectAll()
      .where('state', '<>', 'ended')
      .where((row) => row.or([row('lease_holder', '=', holder), row('lease_expires_at', '<=', nowMs)]))
      .execute();
    return rows.map(toSession);
  }

  async list(
    scope: Scope,
    { runtimeId, liveOnly, state, after, limit }: SessionFilter,
  ): Promise<readonly Session[]> {
    let query = this.#database
      .selectFrom('sessions')
      .selectAll()
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region);
    if (runtimeId !== undefined) query = query.where('runtime_id', '=', runtimeId);
    if (liveOnly === true) query = query.where('state', '<>', 'ended');
    if (state !== undefined) query = query.where('state', '=', state);
    if (after !== undefined) {
      const [startedAt, afterRuntime, afterId] = after;
      query = query.where(
        sql<boolean>`(-started_at, runtime_id, session_id) > (${-startedAt}, ${afterRuntime}, ${afterId})`,
      );
    }
    const rows = await query
      .orderBy('started_at', 'desc')
      .orderBy('runtime_id')
      .orderBy('session_id')
      .limit(limit)
      .execute();
    return rows.map(toSession);
  }

  async forgetEnded(endedBeforeMs: number): Promise<void> {
    await this.#database
      .deleteFrom('sessions')
      .where('state', '=', 'ended')
      .where('ended_at', '<', endedBeforeMs)
      .execute();
    // Whose a session was counts for as long as anything is left of it; and for the while between its first call and its start.
    await sql`
      delete from session_bindings
      where bound_at < ${endedBeforeMs}
        and not exists (select 1 from sessions as s
          where s.runtime_id = session_bindings.runtime_id and s.session_id = session_bindings.session_id)
        and not exists (select 1 from session_storage as s
          where s.runtime_id = session_bindings.runtime_id and s.session_id = session_bindings.session_id)`.execute(
      this.#database,
    );
  }
}

function toSession(row: SessionRow): Session {
  return {
    accountId: row.account_id as AccountId,
    region: row.region,
    runtimeId: row.runtime_id as RuntimeId,
    id: row.session_id as SessionId,
    incarnation: row.incarnation,
    endpoint: row.endpoint,
    version: row.version,
    state: parseState(row),
    sandboxId: (row.sandbox_id ?? undefined) as SandboxId | undefined,
    startedAtMs: row.started_at,
    readyAtMs: row.ready_at ?? undefined,
    lastActivityAtMs: row.last_activity_at,
    endedAtMs: row.ended_at ?? undefined,
    endReason: (row.end_reason ?? undefined) as SessionEndReason | undefined,
    ...(row.hibernated_at !== null && {
      hibernation: { sinceMs: row.hibernated_at, untilMs: row.kept_until ?? row.hibernated_at },
    }),
    ...(row.asleep_ms > 0 && { asleepMs: row.asleep_ms }),
  };
}

function parseState({ state, session_id: id }: SessionRow): SessionState {
  const known = sessionStates.find((name) => name === state);
  if (known !== undefined) return known;
  throw new BerthError('internal', `The session ${id} has the unknown state '${state}'.`);
}
