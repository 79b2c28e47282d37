import {
  buildAuthorizationUrl,
  buildAuthorizationUrlWithPAR,
  calculatePKCECodeChallenge,
} from 'openid-client';
import type { OauthProvider } from '../providers/credential-provider.ts';
import type { AuthorizationServer } from './authorization-servers.ts';
import type { CodeExchange, ConsentRequest } from './consent-secrets.ts';
import { addCustomParameters } from './custom-parameters.ts';
import type { OauthClient } from './oauth-clients.ts';
import { type TokenWish, wishParameters } from './token-wish.ts';

/** What a caller knows of an authorization request before it is made. */
export function authorizationParameters(provider: OauthProvider, wish: TokenWish): URLSearchParams {
  const parameters = wishParameters(wish);
  const { scopeSeparator } = provider.dialect;
  if (wish.scopes.length > 0) parameters.set('scope', wish.scopes.join(scopeSeparator));
  parameters.set('response_type', 'code');
  parameters.set('client_id', provider.clientId);
  return parameters;
}

/** Where the browser is sent: with all parameters, or with a reference to them where the server takes them directly (RFC 9126). */
export async function authorizationUrl(
  client: OauthClient,
  provider: OauthProvider,
  request: ConsentRequest,
  sent: CodeExchange & { readonly state: string; readonly redirectUri: string },
): Promise<string> {
  const { server, configuration } = client;
  const { usesPkce, authorizationParameters: usual } = provider.dialect;
  const parameters = authorizationParameters(provider, request.wish);
  for (const [name, value] of Object.entries(usual)) if (!parameters.has(name)) parameters.set(name, value);
  if (request.isForced) parameters.set('prompt', promptOf(server, provider));
  addCustomParameters(parameters, request.customParameters);
  parameters.set('redirect_uri', sent.redirectUri);
  parameters.set('state', sent.state);
  if (usesPkce) {
    parameters.set('code_challenge', await calculatePKCECodeChallenge(sent.codeVerifier));
    parameters.set('code_challenge_method', 'S256');
  }
  if (sent.nonce !== undefined) parameters.set('nonce', sent.nonce);
  const takesPushed = server.pushed_authorization_request_endpoint !== undefined;
  const url = takesPushed
    ? await buildAuthorizationUrlWithPAR(configuration, parameters)
    : buildAuthorizationUrl(configuration, parameters);
  return url.href;
}

/** What makes the provider ask the user again. Google knows no `login`; others that say nothing are taken to. */
function promptOf(
  { prompt_values_supported: known }: AuthorizationServer,
  { vendor }: OauthProvider,
): string {
  const wanted = vendor === 'GoogleOauth2' ? ['consent'] : ['login', 'consent', 'select_account'];
  return wanted.find((prompt) => known === undefined || known.includes(prompt)) ?? 'login';
}
