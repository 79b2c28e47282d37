import { clientCredentialsGrant } from 'openid-client';
import type { Clock } from '../../shared/clock.ts';
import type { OauthProvider } from '../providers/credential-provider.ts';
import type { WorkloadClaims } from '../tokens/workload-token.ts';
import { addCustomParameters } from './custom-parameters.ts';
import type { OpenOauthClient } from './oauth-clients.ts';
import { type OauthEvents, providerFailure } from './provider-failure.ts';
import type { TokenCache } from './token-cache.ts';
import { newTokenSet } from './token-set.ts';
import { digestOf, type TokenWish, wishParameters } from './token-wish.ts';

export interface ClientCredentialsParts {
  readonly openClient: OpenOauthClient;
  readonly cache: Pick<TokenCache, 'get'>;
  readonly events: OauthEvents;
  readonly clock: Clock;
}

/** M2M: tokens of the provider's client itself (RFC 6749, 4.4). They are nobody's in particular, so that workloads share them. */
export class ClientCredentials {
  readonly #parts: ClientCredentialsParts;

  constructor(parts: ClientCredentialsParts) {
    this.#parts = parts;
  }

  async tokenFor(
    provider: OauthProvider,
    claims: WorkloadClaims,
    wish: TokenWish,
    custom: Readonly<Record<string, string>> = {},
    isAnew = false,
  ): Promise<string> {
    const { openClient, cache, events, clock } = this.#parts;
    const parameters = addCustomParameters(wishParameters(wish), custom);
    const key = digestOf(['m2m', provider.id, String(provider.lastUpdatedAtMs), sorted(parameters)]);
    const fetch = async () => {
      try {
        const { configuration } = await openClient(provider);
        return newTokenSet(await clientCredentialsGrant(configuration, parameters), clock.now());
      } catch (error) {
        throw providerFailure(error, provider, events);
      }
    };
    return cache.get(claims, key, fetch, isAnew);
  }
}

function sorted(parameters: URLSearchParams): string {
  const copy = new URLSearchParams(parameters);
  copy.sort();
  return copy.toString();
}
