import type { Clock } from '../../shared/clock.ts';
import type { TokenSet } from './token-set.ts';

const mostKept = 1_000;

/**
 * Access tokens that can be had again without anybody's consent, in memory only. Calls for the same one share a request; a token
 * is fetched anew before it expires, and serves until then while the provider does not answer.
 */
export class TokenCache {
  readonly #clock: Clock;
  readonly #kept = new Map<string, TokenSet>();
  readonly #fetching = new Map<string, Promise<TokenSet>>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** `isAnew`: what is kept does not do. */
  async get(key: string, fetch: () => Promise<TokenSet>, isAnew = false): Promise<string> {
    const nowMs = this.#clock.now();
    const kept = isAnew ? undefined : this.#kept.get(key);
    if (kept?.renewAtMs !== undefined && kept.renewAtMs > nowMs) return kept.accessToken;
    try {
      return (await this.#fetchShared(key, fetch)).accessToken;
    } catch (error) {
      if (kept?.expiresAtMs !== undefined && kept.expiresAtMs > nowMs) return kept.accessToken;
      throw error;
    }
  }

  #fetchShared(key: string, fetch: () => Promise<TokenSet>): Promise<TokenSet> {
    const fetching = this.#fetching.get(key);
    if (fetching !== undefined) return fetching;
    const started = fetch()
      .then((tokens) => this.#keep(key, tokens))
      .finally(() => this.#fetching.delete(key));
    this.#fetching.set(key, started);
    return started;
  }

  #keep(key: string, tokens: TokenSet): TokenSet {
    this.#kept.delete(key);
    // One of unknown life could be dead at any time.
    if (tokens.expiresAtMs === undefined) return tokens;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= mostKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, tokens);
    return tokens;
  }
}
