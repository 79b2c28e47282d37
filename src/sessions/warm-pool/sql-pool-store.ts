import type { RuntimeId, SandboxId } from '../../shared/ids.ts';
import type { Database } from '../../storage/database.ts';
import type { PooledSandboxRow } from '../../storage/tables.ts';
import type { NewIncarnation, SessionOwnership } from '../session-store.ts';
import type { Session } from '../session.ts';
import { SqlSessionStore } from '../sql-session-store.ts';
import type { PooledSandbox, PoolStore } from './pool-store.ts';

export class SqlPoolStore implements PoolStore {
  readonly #database: Database;

  constructor(parts: { readonly database: Database }) {
    this.#database = parts.database;
  }

  async add(sandbox: PooledSandbox, holder: string): Promise<void> {
    const row: PooledSandboxRow = {
      sandbox_id: sandbox.sandboxId,
      runtime_id: sandbox.runtimeId,
      version: sandbox.version,
      blueprint: sandbox.blueprint,
      ready_at: sandbox.readyAtMs ?? null,
      holder,
    };
    await this.#database.insertInto('pooled_sandboxes').values(row).execute();
  }

  async markReady(id: SandboxId, readyAtMs: number): Promise<void> {
    await this.#database
      .updateTable('pooled_sandboxes')
      .set({ ready_at: readyAtMs })
      .where('sandbox_id', '=', id)
      .execute();
  }

  async remove(id: SandboxId): Promise<void> {
    await this.#database.deleteFrom('pooled_sandboxes').where('sandbox_id', '=', id).execute();
  }

  async listOwned(holder: string): Promise<readonly PooledSandbox[]> {
    const rows = await this.#database
      .selectFrom('pooled_sandboxes')
      .selectAll()
      .where('holder', '=', holder)
      .execute();
    return rows.map((row) => ({
      sandboxId: row.sandbox_id as SandboxId,
      runtimeId: row.runtime_id as RuntimeId,
      version: row.version,
      blueprint: row.blueprint,
      readyAtMs: row.ready_at ?? undefined,
    }));
  }

  async claim(
    start: NewIncarnation,
    ownership: SessionOwnership,
    nowMs: number,
  ): Promise<Session | undefined> {
    try {
      return await this.#database.transaction().execute(async (transaction) => {
        const gone = await transaction
          .deleteFrom('pooled_sandboxes')
          .where('sandbox_id', '=', start.sandboxId)
          .where('ready_at', 'is not', null)
          .returning('sandbox_id')
          .executeTakeFirst();
        const sessions = new SqlSessionStore({ database: transaction });
        const session = gone && (await sessions.claim({ ...start, readyAtMs: nowMs }, ownership, nowMs));
        if (session === undefined) throw new NotClaimed();
        return session;
      });
    } catch (error) {
      if (error instanceof NotClaimed) return undefined;
      throw error;
    }
  }
}

/** Undoes what the transaction has written. */
class NotClaimed extends Error {}
