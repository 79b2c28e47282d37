import type { SandboxId } from '../../shared/ids.ts';
import type { NewIncarnation, SessionOwnership } from '../session-store.ts';
import type { Session } from '../session.ts';
import type { PooledSandbox, PoolStore } from '../warm-pool/pool-store.ts';
import type { MemorySessionStore } from './memory-session-store.ts';

/** Survives the registries of a test as the database survives servers. */
export class MemoryPoolStore implements PoolStore {
  readonly #sessions: MemorySessionStore;
  readonly #rows = new Map<SandboxId, { readonly sandbox: PooledSandbox; readonly holder: string }>();

  constructor(parts: { readonly sessions: MemorySessionStore }) {
    this.#sessions = parts.sessions;
  }

  async add(sandbox: PooledSandbox, holder: string): Promise<void> {
    this.#rows.set(sandbox.sandboxId, { sandbox, holder });
  }

  async markReady(id: SandboxId, readyAtMs: number): Promise<void> {
    const row = this.#rows.get(id);
    if (row !== undefined) this.#rows.set(id, { ...row, sandbox: { ...row.sandbox, readyAtMs } });
  }

  async remove(id: SandboxId): Promise<void> {
    this.#rows.delete(id);
  }

  async listOwned(holder: string): Promise<readonly PooledSandbox[]> {
    return [...this.#rows.values()].filter((row) => row.holder === holder).map(({ sandbox }) => sandbox);
  }

  async claim(
    start: NewIncarnation,
    ownership: SessionOwnership,
    nowMs: number,
  ): Promise<Session | undefined> {
    const row = this.#rows.get(start.sandboxId);
    if (row?.sandbox.readyAtMs === undefined) return undefined;
    this.#rows.delete(start.sandboxId);
    const session = await this.#sessions.claim({ ...start, readyAtMs: nowMs }, ownership, nowMs);
    if (session === undefined) this.#rows.set(start.sandboxId, row);
    return session;
  }
}
