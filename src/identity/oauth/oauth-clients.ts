import {
  allowInsecureRequests,
  type ClientAuth,
  type ClientMetadata,
  ClientSecretPost,
  clockSkew,
  Configuration,
  customFetch,
  type CustomFetchOptions,
} from 'openid-client';
import type { CredentialProviders, OauthProvider } from '../providers/credential-provider.ts';
import type { AuthorizationServer, AuthorizationServers } from './authorization-servers.ts';
import { clientSecretBasic } from './client-secret-basic.ts';
import { keyRingAssertion, type KeyRingAssertionParts } from './key-ring-assertion.ts';
import { spokenRequest, standardAnswer } from './provider-dialect.ts';
import type { ProviderHttp, ProviderRequest } from './provider-http.ts';

export interface OauthClientsParts extends KeyRingAssertionParts {
  readonly servers: Pick<AuthorizationServers, 'of'>;
  readonly providers: Pick<CredentialProviders, 'secretOf'>;
  readonly http: Pick<ProviderHttp, 'fetch'>;
}

/** A provider as openid-client knows it, for one call: its secret is read each time, so that a rotated one counts at once. */
export interface OauthClient {
  readonly server: AuthorizationServer;
  readonly configuration: Configuration;
  /** Whether ID tokens of this server can be checked against its name. */
  readonly hasIssuer: boolean;
}

export type OpenOauthClient = (provider: OauthProvider) => Promise<OauthClient>;

/** Rejects as `AuthorizationServers.of` and `secretOf` do. */
export function createOauthClients(parts: OauthClientsParts): OpenOauthClient {
  return async (provider) => {
    const server = await parts.servers.of(provider);
    const authentication = await authenticate(parts, provider);
    const client: Partial<ClientMetadata> = {};
    client[clockSkew] = (parts.clock.now() - Date.now()) / 1000;
    const configuration = new Configuration(server, provider.clientId, client, authentication);
    // Documents for all tenants of a vendor have a template in the place of the issuer's name.
    const hasIssuer = !provider.dialect.hasIssuerTemplate && !server.issuer.includes('{');
    // Whether plain HTTP will do is the destination policy's to say.
    allowInsecureRequests(configuration);
    configuration[customFetch] = async (url, options) => {
      const request = requestOf(options);
      if (url !== new URL(server.token_endpoint).href) return parts.http.fetch(new URL(url), request);
      const { dialect } = provider;
      const answer = await parts.http.fetch(new URL(url), spokenRequest(dialect, request));
      return standardAnswer(dialect, hasIssuer, request, answer);
    };
    return { server, configuration, hasIssuer };
  };
}

async function authenticate(parts: OauthClientsParts, provider: OauthProvider): Promise<ClientAuth> {
  const { clientAuthentication } = provider;
  switch (clientAuthentication.kind) {
    case 'private-key-jwt':
      return keyRingAssertion(parts, provider, clientAuthentication);
    case 'secret-post':
      return ClientSecretPost(await parts.providers.secretOf(provider));
    case 'secret-basic':
      return clientSecretBasic(await parts.providers.secretOf(provider));
  }
}

function requestOf({ method, headers, body }: CustomFetchOptions): ProviderRequest {
  // Which library it is is nobody's business; a vendor may want a name of its own.
  const { 'user-agent': _, ...own } = headers;
  return {
    method: method === 'POST' ? 'POST' : 'GET',
    headers: own,
    body: body instanceof URLSearchParams ? body.toString() : undefined,
  };
}
