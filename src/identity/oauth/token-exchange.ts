import { genericGrantRequest } from 'openid-client';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { OauthProvider, OnBehalfOf } from '../providers/credential-provider.ts';
import type { WorkloadClaims } from '../tokens/workload-token.ts';
import type { ClientCredentials } from './client-credentials.ts';
import { addCustomParameters } from './custom-parameters.ts';
import type { OpenOauthClient } from './oauth-clients.ts';
import { type OauthEvents, providerFailure } from './provider-failure.ts';
import type { SubjectTokens } from './subject-tokens.ts';
import type { TokenCache } from './token-cache.ts';
import { newTokenSet } from './token-set.ts';
import { digestOf, newTokenWish, type TokenWish, wishParameters } from './token-wish.ts';

export interface TokenExchangeParts {
  readonly openClient: OpenOauthClient;
  readonly subjectTokens: Pick<SubjectTokens, 'userTokenOf'>;
  readonly clientCredentials: Pick<ClientCredentials, 'tokenFor'>;
  readonly cache: Pick<TokenCache, 'get'>;
  readonly events: OauthEvents;
  readonly clock: Clock;
}

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const grantTypes = {
  'token-exchange': 'urn:ietf:params:oauth:grant-type:token-exchange',
  'jwt-bearer': 'urn:ietf:params:oauth:grant-type:jwt-bearer',
} as const;

/** ON_BEHALF_OF_TOKEN_EXCHANGE: the token that the user came with, for one of the provider (RFC 8693; RFC 7523, 2.1, as Entra has it). */
export class TokenExchange {
  readonly #parts: TokenExchangeParts;

  constructor(parts: TokenExchangeParts) {
    this.#parts = parts;
  }

  /** Throws `validation` for a provider that is not set up for it, `access-denied` without a token of the user's own. */
  async tokenFor(
    provider: OauthProvider,
    claims: WorkloadClaims,
    wish: TokenWish,
    custom: Readonly<Record<string, string>>,
    isAnew: boolean,
  ): Promise<string> {
    const { onBehalfOf } = provider;
    if (onBehalfOf === undefined) throw notConfigured(provider);
    const subjectToken = await this.#parts.subjectTokens.userTokenOf(claims);
    if (subjectToken === undefined) throw noSubjectToken();
    const wanted = addCustomParameters(exchangeParameters(onBehalfOf, wish, subjectToken), custom);
    const key = digestOf(['exchange', provider.id, String(provider.lastUpdatedAtMs), wanted.toString()]);
    const fetch = () => this.#exchange(provider, claims, onBehalfOf, wanted);
    return this.#parts.cache.get(claims, key, fetch, isAnew);
  }

  async #exchange(
    provider: OauthProvider,
    claims: WorkloadClaims,
    onBehalfOf: OnBehalfOf,
    wanted: URLSearchParams,
  ) {
    const { openClient, clientCredentials, events, clock } = this.#parts;
    try {
      const parameters = new URLSearchParams(wanted);
      if (onBehalfOf.actorToken === 'm2m') {
        const wish = newTokenWish({ scopes: onBehalfOf.actorTokenScopes });
        parameters.set('actor_token', await clientCredentials.tokenFor(provider, claims, wish));
        parameters.set('actor_token_type', accessTokenType);
      }
      const { configuration } = await openClient(provider);
      const grantType = grantTypes[onBehalfOf.grant];
      return newTokenSet(await genericGrantRequest(configuration, grantType, parameters), clock.now());
    } catch (error) {
      throw providerFailure(error, provider, events);
    }
  }
}

function exchangeParameters({ grant }: OnBehalfOf, wish: TokenWish, subjectToken: string): URLSearchParams {
  const parameters = wishParameters(wish);
  if (grant === 'jwt-bearer') {
    parameters.set('assertion', subjectToken);
    parameters.set('requested_token_use', 'on_behalf_of');
  } else {
    parameters.set('subject_token', subjectToken);
    parameters.set('subject_token_type', accessTokenType);
  }
  return parameters;
}

function notConfigured({ name }: OauthProvider): BerthError {
  return new BerthError(
    'validation',
    `Credential provider ${name} is not set up for on-behalf-of token exchange. Give it an onBehalfOfTokenExchangeConfig (UpdateOauth2CredentialProvider), or use another flow.`,
  );
}

function noSubjectToken(): BerthError {
  return new BerthError(
    'access-denied',
    "The workload token was not made from a token of the user's own, or that has expired. Invoke the agent with the user's bearer token, or use GetWorkloadAccessTokenForJWT.",
  );
}
