import { sql } from 'kysely';
import type { RuntimeId, SessionId } from '../shared/ids.ts';
import type { Database } from '../storage/database.ts';
import type { SessionAlias, SessionAliasStore } from './session-aliases.ts';

export class SqlSessionAliasStore implements SessionAliasStore {
  readonly #database: Database;

  constructor(parts: { readonly database: Database }) {
    this.#database = parts.database;
  }

  async find(runtimeId: RuntimeId, alias: string): Promise<SessionAlias | undefined> {
    const row = await this.#database
      .selectFrom('session_aliases')
      .select(['session_id', 'agent_session_id'])
      .where('runtime_id', '=', runtimeId)
      .where('alias', '=', alias)
      .executeTakeFirst();
    return row && { sessionId: row.session_id as SessionId, agentSessionId: row.agent_session_id };
  }

  async claim(
    runtimeId: RuntimeId,
    alias: string,
    { sessionId, agentSessionId }: SessionAlias,
  ): Promise<boolean> {
    const rows = await sql`
      insert into session_aliases (runtime_id, alias, session_id, agent_session_id)
      select ${runtimeId}, ${alias}, ${sessionId}, ${agentSessionId}
      where not exists (
        select 1 from sessions
        where runtime_id = ${runtimeId} and session_id = ${alias} and session_id <> ${sessionId})
      on conflict (runtime_id, alias) do update set agent_session_id = excluded.agent_session_id
      where session_id = excluded.session_id
      returning alias`.execute(this.#database);
    return rows.rows.length > 0;
  }
}
