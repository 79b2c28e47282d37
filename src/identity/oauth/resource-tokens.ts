import { BerthError, invalidField } from '../../shared/errors.ts';
import type { CredentialProviders } from '../providers/credential-provider.ts';
import { shownClaims, type TokenBearer } from '../tokens/shown-claims.ts';
import type { WorkloadTokens } from '../tokens/workload-token.ts';
import type { ClientCredentials } from './client-credentials.ts';
import { withWishMembers } from './custom-parameters.ts';
import type { TokenExchange } from './token-exchange.ts';
import { newTokenWish } from './token-wish.ts';
import type { FederationAnswer, UserFederation } from './user-federation.ts';

export interface ResourceTokensParts {
  readonly workloadTokens: Pick<WorkloadTokens, 'verify'>;
  readonly providers: Pick<CredentialProviders, 'findOauth' | 'requireUse'>;
  readonly clientCredentials: Pick<ClientCredentials, 'tokenFor'>;
  readonly tokenExchange: Pick<TokenExchange, 'tokenFor'>;
  readonly userFederation: Pick<UserFederation, 'ask'>;
}

/** As an agent asks for a token; members as in the service model (contract 3.2). */
export interface ResourceTokenRequest {
  readonly workloadToken: string;
  readonly provider: string;
  readonly flow: 'M2M' | 'USER_FEDERATION' | 'ON_BEHALF_OF_TOKEN_EXCHANGE';
  readonly scopes: readonly string[];
  readonly resources: readonly string[] | undefined;
  readonly audiences: readonly string[] | undefined;
  readonly customParameters: Readonly<Record<string, string>>;
  readonly sessionUri: string | undefined;
  readonly returnUrl: string | undefined;
  readonly customState: string | undefined;
  /** Nothing that is kept will do. */
  readonly isForced: boolean;
}

const mostBytes = 16 * 1024;

/** Tokens of outside resources for those who show a workload token, by one of three flows. */
export class ResourceTokens {
  readonly #parts: ResourceTokensParts;

  constructor(parts: ResourceTokensParts) {
    this.#parts = parts;
  }

  /** Throws `access-denied`, `not-found`, `validation`, `throttled` or `provider-failed`. */
  async get(bearer: TokenBearer, asked: ResourceTokenRequest): Promise<FederationAnswer> {
    const { workloadTokens, providers, clientCredentials, tokenExchange, userFederation } = this.#parts;
    requireShort(asked);
    const request = withWishMembers(asked);
    const { customParameters, isForced } = request;
    const claims = await shownClaims(workloadTokens, bearer, request.workloadToken);
    const provider = await providers.findOauth(bearer, request.provider);
    await providers.requireUse(provider, claims.workload);
    const wish = newTokenWish(request);
    switch (request.flow) {
      case 'M2M':
        return given(await clientCredentials.tokenFor(provider, claims, wish, customParameters, isForced));
      case 'ON_BEHALF_OF_TOKEN_EXCHANGE':
        return given(await tokenExchange.tokenFor(provider, claims, wish, customParameters, isForced));
      case 'USER_FEDERATION': {
        const { workload, user } = claims;
        if (user === undefined) throw noUser();
        return userFederation.ask({ ...request, scope: bearer, workload, user, provider, wish });
      }
    }
  }
}

/** It is kept while the user is asked, and is part of what tokens are kept by. */
function requireShort(request: ResourceTokenRequest): void {
  const { scopes, resources, audiences, customParameters, returnUrl, customState } = request;
  const kept = JSON.stringify([scopes, resources, audiences, customParameters, returnUrl, customState]);
  if (Buffer.byteLength(kept) <= mostBytes) return;
  throw invalidField(
    'customParameters',
    `Scopes, resources, audiences, custom parameters, return URL and custom state are longer than ${mostBytes} bytes in all. Leave out what the provider does not need.`,
  );
}

function given(accessToken: string): FederationAnswer {
  return { kind: 'token', accessToken };
}

function noUser(): BerthError {
  return new BerthError(
    'access-denied',
    'The workload token is of no user, so that nobody can grant anything. Invoke the agent with a user id or a bearer token, or use GetWorkloadAccessTokenForJWT or GetWorkloadAccessTokenForUserId.',
  );
}
