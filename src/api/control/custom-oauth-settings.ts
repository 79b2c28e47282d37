import type {
  ClientAuthentication,
  OauthDiscovery,
  OnBehalfOf,
} from '../../identity/providers/credential-provider.ts';
import type { OauthPlace } from '../../identity/providers/oauth-settings.ts';
import type { KeyRing } from '../../identity/vault/key-ring.ts';
import { invalidField } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import type {
  CustomOauth2ProviderConfigInput,
  Oauth2Discovery,
  OnBehalfOfTokenExchangeConfigType,
} from '../model/generated/types.ts';
import type { IssuerProblem } from './jwt-authorizer-settings.ts';
import { requireGoodUrl } from './require-good-url.ts';

interface Rules {
  readonly issuerProblem: IssuerProblem;
  readonly keyRing: Pick<KeyRing, 'requireSigningKey'>;
}

interface CustomSettings {
  readonly place: OauthPlace;
  readonly clientAuthentication: ClientAuthentication;
  readonly onBehalfOf: OnBehalfOf | undefined;
}

/** Members whose meaning is not built. */
const unbuilt = {
  privateEndpoint:
    'Private endpoints (VPC Lattice) are not built. Leave privateEndpoint out; authorization servers in private networks are named in the server setting BERTH_PRIVATE_ISSUERS.',
  privateEndpointOverrides:
    'Private endpoints (VPC Lattice) are not built. Leave privateEndpointOverrides out; authorization servers in private networks are named in the server setting BERTH_PRIVATE_ISSUERS.',
  certificateConfigurations:
    'Certificates from Secrets Manager are not built. Leave certificateConfigurations out; the server trusts what its NODE_EXTRA_CA_CERTS names.',
} as const;

const awsToken =
  "Identity tokens of AWS's own issuer do not exist here, so AWS_IAM_ID_TOKEN_JWT is not served.";

/** Of CustomOauth2; `member` is the input's path. Throws `validation`, and as `KeyRing.requireSigningKey`. */
export async function customSettings(
  scope: Scope,
  given: CustomOauth2ProviderConfigInput,
  member: string,
  { issuerProblem, keyRing }: Rules,
): Promise<CustomSettings> {
  for (const [name, message] of Object.entries(unbuilt)) {
    const value: unknown = given[name as keyof typeof unbuilt];
    const isEmptyList = Array.isArray(value) && value.length === 0;
    if (value !== undefined && !isEmptyList) throw invalidField(`${member}.${name}`, message);
  }
  const discovery = requestedDiscovery(given.oauthDiscovery, `${member}.oauthDiscovery`, issuerProblem);
  const clientAuthentication = requestedAuthentication(given, discovery, member);
  const onBehalfOf = requestedOnBehalfOf(
    given.onBehalfOfTokenExchangeConfig,
    `${member}.onBehalfOfTokenExchangeConfig`,
  );
  if (clientAuthentication.kind === 'private-key-jwt')
    await keyRing.requireSigningKey(scope, clientAuthentication.keyArn, clientAuthentication.algorithm);
  return { place: { kind: 'discovered', discovery }, clientAuthentication, onBehalfOf };
}

function requestedDiscovery(
  { discoveryUrl, authorizationServerMetadata: metadata }: Oauth2Discovery,
  member: string,
  issuerProblem: IssuerProblem,
): OauthDiscovery {
  if (metadata === undefined) {
    requireGoodUrl(discoveryUrl, `${member}.discoveryUrl`, issuerProblem);
    return { kind: 'document', url: discoveryUrl };
  }
  const { issuer, authorizationEndpoint, tokenEndpoint, responseTypes, tokenEndpointAuthMethods } = metadata;
  for (const [name, url] of Object.entries({ issuer, authorizationEndpoint, tokenEndpoint }))
    requireGoodUrl(url, `${member}.authorizationServerMetadata.${name}`, issuerProblem);
  if (responseTypes?.includes('code') === false)
    throw invalidField(
      `${member}.authorizationServerMetadata.responseTypes`,
      "Only the response type 'code' is used. Add it, or leave responseTypes out.",
    );
  return {
    kind: 'metadata',
    ...{ issuer, authorizationEndpoint, tokenEndpoint, responseTypes, tokenEndpointAuthMethods },
  };
}

function requestedAuthentication(
  given: CustomOauth2ProviderConfigInput,
  discovery: OauthDiscovery,
  member: string,
): ClientAuthentication {
  const { clientAuthenticationMethod: method, privateKeyJwtConfig } = given;
  if (method === 'PRIVATE_KEY_JWT') return privateKeyJwt(given, discovery, member);
  if (privateKeyJwtConfig !== undefined)
    throw invalidField(
      `${member}.privateKeyJwtConfig`,
      'privateKeyJwtConfig belongs to the clientAuthenticationMethod PRIVATE_KEY_JWT. Give that, or leave it out.',
    );
  const listed = discovery.kind === 'metadata' ? discovery.tokenEndpointAuthMethods : undefined;
  switch (method) {
    case 'AWS_IAM_ID_TOKEN_JWT':
      throw invalidField(
        `${member}.clientAuthenticationMethod`,
        `${awsToken} Use CLIENT_SECRET_BASIC, CLIENT_SECRET_POST or PRIVATE_KEY_JWT.`,
      );
    case undefined:
      return { kind: listed?.[0] === 'client_secret_post' ? 'secret-post' : 'secret-basic' };
    default:
      if (listed?.includes(method.toLowerCase()) === false)
        throw invalidField(
          `${member}.clientAuthenticationMethod`,
          `tokenEndpointAuthMethods does not list ${method.toLowerCase()}. Make them agree.`,
        );
      return { kind: method === 'CLIENT_SECRET_POST' ? 'secret-post' : 'secret-basic' };
  }
}

/** What Berth itself puts into the assertion (RFC 7523); of `aud` see `requireOwnAudience`. */
const reservedClaims = {
  additionalHeaderClaims: ['alg', 'b64', 'crit', 'jwk', 'jku'],
  additionalPayloadClaims: ['exp', 'iat', 'iss', 'jti', 'nbf', 'sub'],
} as const;

function privateKeyJwt(
  { privateKeyJwtConfig: config }: CustomOauth2ProviderConfigInput,
  discovery: OauthDiscovery,
  member: string,
): ClientAuthentication {
  const keyArn = config?.privateKeySource?.kmsKeySource.kmsKeyArn;
  if (keyArn === undefined)
    throw invalidField(
      `${member}.privateKeyJwtConfig`,
      "PRIVATE_KEY_JWT needs privateKeyJwtConfig.privateKeySource.kmsKeySource.kmsKeyArn, the ARN of a signing key of this server's own.",
    );
  for (const list of ['additionalHeaderClaims', 'additionalPayloadClaims'] as const) {
    const reserved: readonly string[] = reservedClaims[list];
    const taken = Object.keys(config?.[list] ?? {}).find((name) => reserved.includes(name));
    if (taken !== undefined)
      throw invalidField(
        `${member}.privateKeyJwtConfig.${list}`,
        `'${taken}' is set by Berth itself. Leave it out.`,
      );
  }
  requireOwnAudience(config?.additionalPayloadClaims?.['aud'], discovery, member);
  return {
    kind: 'private-key-jwt',
    keyArn,
    algorithm: config?.signingAlgorithm ?? 'RS256',
    headerClaims: config?.additionalHeaderClaims ?? {},
    payloadClaims: config?.additionalPayloadClaims ?? {},
  };
}

/**
 * Some servers want their token endpoint as audience in the place of their issuer. It must be named, since a document could bring in
 * that of another server, for which the assertion would then be good.
 */
function requireOwnAudience(audience: string | undefined, discovery: OauthDiscovery, member: string): void {
  if (audience === undefined) return;
  const own = discovery.kind === 'metadata' ? [discovery.issuer, discovery.tokenEndpoint] : [];
  if (own.includes(audience)) return;
  throw invalidField(
    `${member}.privateKeyJwtConfig.additionalPayloadClaims`,
    "'aud' can only be the issuer or the tokenEndpoint of this provider's authorizationServerMetadata. Give these, or leave aud out: it is the issuer then.",
  );
}

function requestedOnBehalfOf(
  given: OnBehalfOfTokenExchangeConfigType | undefined,
  member: string,
): OnBehalfOf | undefined {
  if (given === undefined) return undefined;
  if (given.onBehalfOfAuthenticationConfig !== undefined)
    throw invalidField(
      `${member}.onBehalfOfAuthenticationConfig`,
      'Exchanges without client authentication are not built. Leave onBehalfOfAuthenticationConfig out; the client authenticates as in other requests.',
    );
  const exchange = given.tokenExchangeGrantTypeConfig;
  if (given.grantType === 'JWT_AUTHORIZATION_GRANT') {
    if (exchange === undefined) return { grant: 'jwt-bearer', actorToken: 'none', actorTokenScopes: [] };
    throw invalidField(
      `${member}.tokenExchangeGrantTypeConfig`,
      'tokenExchangeGrantTypeConfig belongs to the grant type TOKEN_EXCHANGE. Leave it out.',
    );
  }
  const content = exchange?.actorTokenContent ?? 'NONE';
  const actorTokenScopes = exchange?.actorTokenScopes ?? [];
  if (content === 'AWS_IAM_ID_TOKEN_JWT')
    throw invalidField(
      `${member}.tokenExchangeGrantTypeConfig.actorTokenContent`,
      `${awsToken} Use NONE, or M2M for a token of the client itself.`,
    );
  if (content === 'NONE' && actorTokenScopes.length > 0)
    throw invalidField(
      `${member}.tokenExchangeGrantTypeConfig.actorTokenScopes`,
      'Without an actor token there are no scopes of it. Use M2M as actorTokenContent, or leave actorTokenScopes out.',
    );
  return {
    grant: 'token-exchange',
    actorToken: content === 'M2M' ? 'm2m' : 'none',
    actorTokenScopes,
  };
}
