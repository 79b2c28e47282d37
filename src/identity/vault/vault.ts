import type { Scope } from '../../shared/ids.ts';

/**
 * Where secrets of providers, and what users granted to workloads, are kept sealed. Each owner has a data key of its own, which
 * is kept wrapped; what is sealed opens only for the owner and binding it was sealed for.
 */
export interface Vault {
  /**
   * Makes the owner's data key unless it has one. `owner` is an id that is never used again, such as a provider's. Throws
   * `unavailable` when the key's keeper does not answer, and `internal` when a key cannot be unwrapped, as `seal` and `open` do.
   */
  createKey(scope: Scope, owner: string): Promise<void>;
  /** Nothing of the owner can be opened any more, not even from a copy of its rows. Idempotent. */
  destroyKey(owner: string): Promise<void>;
  /**
   * `binding` says what the secret is and whose; its parts are told apart whatever characters they have. Throws `not-found` when
   * the owner has no key (any more).
   */
  seal(owner: string, binding: readonly string[], secret: string): Promise<string>;
  /**
   * Throws `internal` when it was sealed for another owner or binding, `not-found` when the owner has no key (any more),
   * `unavailable` when the key's keeper does not answer.
   */
  open(owner: string, binding: readonly string[], sealed: string): Promise<string>;
}
