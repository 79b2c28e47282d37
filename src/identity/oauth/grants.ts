import { refreshTokenGrant } from 'openid-client';
import { type Clock, sleep } from '../../shared/clock.ts';
import { type RandomSource, randomText } from '../../shared/ids.ts';
import type { OauthProvider } from '../providers/credential-provider.ts';
import type { Vault } from '../vault/vault.ts';
import type { Grant, GrantKey, GrantStore } from './grant.ts';
import type { OpenOauthClient } from './oauth-clients.ts';
import { type OauthEvents, providerErrorOf, providerFailure } from './provider-failure.ts';
import { newTokenSet, type TokenSet } from './token-set.ts';
import { resourceParameters } from './token-wish.ts';

export interface GrantsParts {
  readonly store: GrantStore;
  readonly vault: Pick<Vault, 'seal' | 'open'>;
  readonly openClient: OpenOauthClient;
  readonly events: OauthEvents;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Longer than any call of a provider takes: discovery, then the refresh. */
const leaseMs = 60_000;
const lookAgainMs = 100;
/** For the provider to come back; a token of no known end serves meanwhile. */
const tryAgainMs = 60_000;

/** Users' tokens: given out while they are good, refreshed before they are not, by one caller and one server at a time. */
export class Grants {
  readonly #parts: GrantsParts;
  /** This process, to the others that share the database. */
  readonly #holder: string;
  readonly #refreshing = new Map<string, Promise<string | undefined>>();

  constructor(parts: GrantsParts) {
    this.#parts = parts;
    this.#holder = randomText(parts.random, 20);
  }

  async seal(key: GrantKey, tokens: TokenSet): Promise<Grant> {
    const { vault, random } = this.#parts;
    return {
      id: key.id,
      version: randomText(random, 20),
      sealedTokens: await vault.seal(key.providerId, key.binding, JSON.stringify(tokens)),
      expiresAtMs: tokens.expiresAtMs,
      renewAtMs: tokens.renewAtMs,
    };
  }

  /** Undefined: there is none, or the provider takes it back, so that the user must be asked. */
  async tokenOf(key: GrantKey, provider: OauthProvider): Promise<string | undefined> {
    const grant = await this.#parts.store.find(key.id);
    if (grant === undefined) return undefined;
    if (this.#isFresh(grant)) return (await this.#open(key, grant)).accessToken;
    const refreshing = this.#refreshing.get(key.id);
    if (refreshing !== undefined) return refreshing;
    const started = this.#refresh(key, provider).finally(() => this.#refreshing.delete(key.id));
    this.#refreshing.set(key.id, started);
    return started;
  }

  /** Until there is a fresh one, or none: another server may be at it. */
  async #refresh(key: GrantKey, provider: OauthProvider): Promise<string | undefined> {
    const { store, clock } = this.#parts;
    for (;;) {
      const grant = await store.find(key.id);
      if (grant === undefined) return undefined;
      const tokens = await this.#open(key, grant);
      if (this.#isFresh(grant)) return tokens.accessToken;
      const nowMs = clock.now();
      if (tokens.refreshToken === undefined) {
        if (!isExpired(grant, nowMs)) return tokens.accessToken;
        await store.remove(grant);
        continue;
      }
      if (await store.lease(grant, this.#holder, nowMs, nowMs + leaseMs)) {
        const used = await this.#useLease(
          key,
          grant,
          { ...tokens, refreshToken: tokens.refreshToken },
          provider,
        );
        if (used !== undefined) return used;
      } else await sleep(clock, lookAgainMs);
    }
  }

  /** Undefined: the grant is another one now, or none. */
  async #useLease(
    key: GrantKey,
    grant: Grant,
    tokens: TokenSet & { readonly refreshToken: string },
    provider: OauthProvider,
  ): Promise<string | undefined> {
    const { store, openClient, events, clock } = this.#parts;
    try {
      const { configuration } = await openClient(provider);
      const wanted = resourceParameters(key.wish);
      const answer = await refreshTokenGrant(configuration, tokens.refreshToken, wanted);
      // Not every provider rotates them.
      const kept = newTokenSet(answer, clock.now(), answer.refresh_token ?? tokens.refreshToken);
      const isKept = await store.replace(grant.version, await this.seal(key, kept), clock.now());
      return isKept ? kept.accessToken : undefined;
    } catch (error) {
      if (providerErrorOf(error) === 'invalid_grant') {
        await store.remove(grant);
        return undefined;
      }
      if (grant.expiresAtMs === undefined) await this.#putOff(key, grant, tokens);
      else await store.release(grant, this.#holder);
      const failure = providerFailure(error, provider, events);
      if (isExpired(grant, clock.now())) throw failure;
      return tokens.accessToken;
    }
  }

  /** So that not every call waits for a provider that does not answer. */
  async #putOff(key: GrantKey, grant: Grant, tokens: TokenSet): Promise<void> {
    const { store, clock } = this.#parts;
    const later = { ...tokens, renewAtMs: clock.now() + tryAgainMs };
    await store.replace(grant.version, await this.seal(key, later), clock.now());
  }

  async #open(key: GrantKey, grant: Grant): Promise<TokenSet> {
    const text = await this.#parts.vault.open(key.providerId, key.binding, grant.sealedTokens);
    return JSON.parse(text) as TokenSet;
  }

  #isFresh({ renewAtMs }: Grant): boolean {
    return renewAtMs === undefined || renewAtMs > this.#parts.clock.now();
  }
}

function isExpired({ expiresAtMs }: Grant, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}
