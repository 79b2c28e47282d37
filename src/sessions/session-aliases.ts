import type { RuntimeId, SessionId } from '../shared/ids.ts';

/** A further name of a session, which an MCP server and its client agreed on. */
export interface SessionAlias {
  readonly sessionId: SessionId;
  /** What the server inside the sandbox calls it. */
  readonly agentSessionId: string;
}

export interface SessionAliasStore {
  find(runtimeId: RuntimeId, alias: string): Promise<SessionAlias | undefined>;
  /**
   * The session exists. Replaces what the alias meant to it before; false when the name is that of another session, or an
   * alias of one: an agent must not draw others' callers to its own sandbox.
   */
  claim(runtimeId: RuntimeId, alias: string, target: SessionAlias): Promise<boolean>;
}

/** Aliases that live as long as their session's row; the most recently used ones, and names that are none, are kept in memory. */
export class SessionAliases {
  readonly #store: SessionAliasStore;
  readonly #limit: number;
  readonly #known = new Map<string, SessionAlias | undefined>();

  constructor(parts: { readonly store: SessionAliasStore; readonly limit?: number }) {
    this.#store = parts.store;
    this.#limit = parts.limit ?? 10_000;
  }

  /** Undefined for a name that is none: it is then the session's own id. */
  async find(runtimeId: RuntimeId, alias: string): Promise<SessionAlias | undefined> {
    const key = `${runtimeId} ${alias}`;
    const isKnown = this.#known.has(key);
    const target = isKnown ? this.#known.get(key) : await this.#store.find(runtimeId, alias);
    // One that was put meanwhile is newer.
    return isKnown || !this.#known.has(key) ? this.#keep(key, target) : this.#known.get(key);
  }

  async claim(runtimeId: RuntimeId, alias: string, target: SessionAlias): Promise<boolean> {
    const isClaimed = await this.#store.claim(runtimeId, alias, target);
    if (isClaimed) this.#keep(`${runtimeId} ${alias}`, target);
    return isClaimed;
  }

  #keep(key: string, target: SessionAlias | undefined): SessionAlias | undefined {
    this.#known.delete(key);
    this.#known.set(key, target);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#limit) break;
      this.#known.delete(oldest);
    }
    return target;
  }
}
