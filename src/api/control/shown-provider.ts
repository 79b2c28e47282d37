import type {
  ClientAuthentication,
  OauthDiscovery,
  OauthProvider,
  OnBehalfOf,
} from '../../identity/providers/credential-provider.ts';
import {
  oauthProviderOf,
  type StoredApiKeyProvider,
  type StoredOauthProvider,
  type StoredProvider,
} from '../../identity/providers/stored-provider.ts';
import { providerArn } from '../../runtimes/arns.ts';
import { oauthVendorMembers } from '../../shared/oauth-vendors.ts';
import type {
  CustomOauth2ProviderConfigOutput,
  GetApiKeyCredentialProviderResponse,
  GetOauth2CredentialProviderResponse,
  Oauth2Discovery,
  Oauth2ProviderConfigOutput,
  OnBehalfOfTokenExchangeConfigType,
} from '../model/generated/types.ts';

/** What Get and Update answer, and Create in part. */
export function shownApiKeyProvider(provider: StoredApiKeyProvider): GetApiKeyCredentialProviderResponse {
  const { arn, jsonKey, source } = shownSecret(provider);
  return {
    apiKeySecretArn: { secretArn: arn },
    apiKeySecretJsonKey: jsonKey,
    apiKeySecretSource: source,
    ...shownProvider(provider),
  };
}

/** The same. `callbackBase` is the URL to which the provider's callback id is appended. */
export function shownOauthProvider(
  stored: StoredOauthProvider,
  callbackBase: string,
): GetOauth2CredentialProviderResponse {
  const provider = oauthProviderOf(stored);
  const { arn, jsonKey, source } = shownSecret(stored);
  return {
    clientSecretArn: { secretArn: arn },
    clientSecretJsonKey: jsonKey,
    clientSecretSource: source,
    ...shownProvider(stored),
    credentialProviderVendor: provider.vendor,
    callbackUrl: `${callbackBase}/${provider.callbackId}`,
    oauth2ProviderConfigOutput: shownConfig(provider),
    status: 'READY',
  };
}

/** What lists answer of any kind. */
export function shownProvider(provider: StoredProvider) {
  return {
    name: provider.name,
    credentialProviderArn: providerArn(provider, provider.kind, provider.name),
    createdTime: new Date(provider.createdAtMs),
    lastUpdatedTime: new Date(provider.lastUpdatedAtMs),
  };
}

/** A managed secret has the ARN that AWS would give it (contract 1.8), although no Secrets Manager is there. */
function shownSecret({ accountId, region, id, kind, name, secret }: StoredProvider) {
  const prefix = `arn:aws:secretsmanager:${region}:${accountId}:secret:`;
  if (secret.kind === 'external') {
    const { secretId, jsonKey } = secret;
    const arn = secretId.startsWith('arn:') ? secretId : `${prefix}${secretId}`;
    return { arn, jsonKey, source: 'EXTERNAL' as const };
  }
  const type = kind === 'oauth2' ? 'oauth2' : 'apikey';
  return {
    arn: `${prefix}bedrock-agentcore-identity!default/${type}/${name}-${id.slice(-6)}`,
    jsonKey: undefined,
    source: secret.kind === 'none' ? undefined : ('MANAGED' as const),
  };
}

function shownConfig(provider: OauthProvider): Oauth2ProviderConfigOutput {
  const output = { oauthDiscovery: shownDiscovery(provider.discovery), clientId: provider.clientId };
  switch (oauthVendorMembers[provider.vendor]) {
    case 'customOauth2ProviderConfig':
      return { customOauth2ProviderConfig: { ...output, ...shownCustom(provider) } };
    case 'googleOauth2ProviderConfig':
      return { googleOauth2ProviderConfig: output };
    case 'githubOauth2ProviderConfig':
      return { githubOauth2ProviderConfig: output };
    case 'slackOauth2ProviderConfig':
      return { slackOauth2ProviderConfig: output };
    case 'salesforceOauth2ProviderConfig':
      return { salesforceOauth2ProviderConfig: output };
    case 'microsoftOauth2ProviderConfig':
      return { microsoftOauth2ProviderConfig: output };
    case 'atlassianOauth2ProviderConfig':
      return { atlassianOauth2ProviderConfig: output };
    case 'linkedinOauth2ProviderConfig':
      return { linkedinOauth2ProviderConfig: output };
    case 'includedOauth2ProviderConfig':
      return { includedOauth2ProviderConfig: output };
  }
}

function shownDiscovery(discovery: OauthDiscovery): Oauth2Discovery {
  if (discovery.kind === 'document') return { discoveryUrl: discovery.url };
  const { kind: _kind, ...metadata } = discovery;
  return { authorizationServerMetadata: metadata };
}

function shownCustom({
  clientAuthentication,
  onBehalfOf,
}: OauthProvider): Omit<CustomOauth2ProviderConfigOutput, 'oauthDiscovery'> {
  return {
    ...shownAuthentication(clientAuthentication),
    ...(onBehalfOf !== undefined && { onBehalfOfTokenExchangeConfig: shownOnBehalfOf(onBehalfOf) }),
  };
}

function shownAuthentication(authentication: ClientAuthentication) {
  if (authentication.kind !== 'private-key-jwt') {
    const method = authentication.kind === 'secret-post' ? 'CLIENT_SECRET_POST' : 'CLIENT_SECRET_BASIC';
    return { clientAuthenticationMethod: method } as const;
  }
  const { keyArn, algorithm, headerClaims, payloadClaims } = authentication;
  return {
    clientAuthenticationMethod: 'PRIVATE_KEY_JWT',
    privateKeyJwtConfig: {
      privateKeySource: { kmsKeySource: { kmsKeyArn: keyArn } },
      signingAlgorithm: algorithm,
      ...(Object.keys(headerClaims).length > 0 && { additionalHeaderClaims: headerClaims }),
      ...(Object.keys(payloadClaims).length > 0 && { additionalPayloadClaims: payloadClaims }),
    },
  } as const;
}

function shownOnBehalfOf({
  grant,
  actorToken,
  actorTokenScopes,
}: OnBehalfOf): OnBehalfOfTokenExchangeConfigType {
  if (grant === 'jwt-bearer') return { grantType: 'JWT_AUTHORIZATION_GRANT' };
  return {
    grantType: 'TOKEN_EXCHANGE',
    tokenExchangeGrantTypeConfig: {
      actorTokenContent: actorToken === 'm2m' ? 'M2M' : 'NONE',
      ...(actorTokenScopes.length > 0 && { actorTokenScopes }),
    },
  };
}
