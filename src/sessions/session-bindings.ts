import type { SandboxOptions } from '../runtimes/sandbox-options.ts';
import type { Clock } from '../shared/clock.ts';
import type { RuntimeId, SessionId } from '../shared/ids.ts';

export interface SessionBindingStore {
  /** Makes `owner` the session's, unless it has one; resolves to whose it is then. */
  bind(key: SessionName, owner: string, atMs: number): Promise<string>;
  /** Undefined when it is nobody's. */
  find(key: SessionName): Promise<string | undefined>;
}

export interface SessionName {
  readonly runtimeId: RuntimeId;
  readonly sessionId: SessionId;
}

export interface SessionBindingsParts {
  readonly store: SessionBindingStore;
  readonly optionsOf: (runtimeId: RuntimeId) => Promise<SandboxOptions>;
  readonly clock: Pick<Clock, 'now'>;
  readonly limit?: number;
}

/**
 * Whose sessions are, of runtimes with `berth:bind-session`: the first caller's, for as long as anything of the session is
 * remembered, files and further starts of the same id included. The most recently used ones are kept in memory; an owner never changes.
 */
export class SessionBindings {
  readonly #parts: SessionBindingsParts;
  readonly #known = new Map<string, string>();

  constructor(parts: SessionBindingsParts) {
    this.#parts = parts;
  }

  /** Whether the session is `owner`'s, or nobody's until now; then it is from now on. True where sessions are not bound. */
  async claim(key: SessionName, owner: string): Promise<boolean> {
    const { store, clock } = this.#parts;
    if (!(await this.#isBound(key))) return true;
    const name = `${key.runtimeId} ${key.sessionId}`;
    const found = this.#known.get(name) ?? (await store.bind(key, owner, clock.now()));
    this.#keep(name, found);
    return found === owner;
  }

  /** The same, for what begins no session. */
  async mayUse(key: SessionName, owner: string): Promise<boolean> {
    if (!(await this.#isBound(key))) return true;
    const found = await this.#parts.store.find(key);
    return found === undefined || found === owner;
  }

  async #isBound({ runtimeId }: SessionName): Promise<boolean> {
    return (await this.#parts.optionsOf(runtimeId))['bind-session'] === 'principal';
  }

  #keep(name: string, owner: string): void {
    this.#known.delete(name);
    this.#known.set(name, owner);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= (this.#parts.limit ?? 10_000)) break;
      this.#known.delete(oldest);
    }
  }
}
