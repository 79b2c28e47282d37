import type { Clock } from '../../shared/clock.ts';
import type { WorkloadClaims } from '../tokens/workload-token.ts';
import type { TokenSet } from './token-set.ts';
import { digestOf } from './token-wish.ts';

const mostKept = 1_000;

/** A workload identity. */
type Asker = Pick<WorkloadClaims, 'accountId' | 'region' | 'workload'>;

interface Kept {
  readonly tokens: TokenSet;
  readonly owner: string;
}

/**
 * Access tokens that can be had again without anybody's consent, in memory only. Calls for the same one share a request; a token
 * is fetched anew before it expires, and serves until then while the provider does not answer. A thousand are kept; when there are
 * more, the owner who has most makes room, so that nobody drives out what others use.
 */
export class TokenCache {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  readonly #fetching = new Map<string, Promise<TokenSet>>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** `asker`: on whose account it is kept, unless it is already, whoever may use it. `isAnew`: what is kept does not do. */
  async get(asker: Asker, key: string, fetch: () => Promise<TokenSet>, isAnew = false): Promise<string> {
    const nowMs = this.#clock.now();
    const kept = isAnew ? undefined : this.#kept.get(key)?.tokens;
    if (kept?.renewAtMs !== undefined && kept.renewAtMs > nowMs) return kept.accessToken;
    try {
      return (await this.#fetchShared(asker, key, fetch)).accessToken;
    } catch (error) {
      if (kept?.expiresAtMs !== undefined && kept.expiresAtMs > nowMs) return kept.accessToken;
      throw error;
    }
  }

  #fetchShared(asker: Asker, key: string, fetch: () => Promise<TokenSet>): Promise<TokenSet> {
    const fetching = this.#fetching.get(key);
    if (fetching !== undefined) return fetching;
    const started = fetch()
      .then((tokens) => this.#keep(asker, key, tokens))
      .finally(() => this.#fetching.delete(key));
    this.#fetching.set(key, started);
    return started;
  }

  #keep({ accountId, region, workload }: Asker, key: string, tokens: TokenSet): TokenSet {
    const owner = this.#kept.get(key)?.owner ?? digestOf([accountId, region, workload]);
    this.#kept.delete(key);
    // One of unknown life could be dead at any time.
    if (tokens.expiresAtMs === undefined) return tokens;
    if (this.#kept.size >= mostKept) this.#makeRoom();
    this.#kept.set(key, { tokens, owner });
    return tokens;
  }

  #makeRoom(): void {
    const keysOf = Map.groupBy(this.#kept.keys(), (key) => this.#kept.get(key)?.owner);
    const [most = []] = [...keysOf.values()].sort((one, other) => other.length - one.length);
    const [oldest] = most;
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}
