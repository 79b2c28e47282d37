import { oauthVendorMembers, type OauthVendorName } from '../../shared/oauth-vendors.ts';
import { usageError } from '../cli-error.ts';
import type { OauthConfig } from '../client/identity-api.ts';

/** What the command line says of an OAuth2 provider. */
export interface OauthOptions {
  readonly clientId?: string;
  readonly tenant?: string;
  readonly issuer?: string;
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
  readonly discoveryUrl?: string;
  readonly authMethod?: 'basic' | 'post' | 'private-key-jwt';
  readonly signingKey?: string;
  readonly signingAlgorithm?: string;
  readonly onBehalfOf?: 'token-exchange' | 'jwt-bearer';
  readonly actorToken?: 'none' | 'm2m';
}

/** As the command line names them: `github` for GithubOauth2. */
export const vendorNames = Object.keys(oauthVendorMembers)
  .map((name) => name.replace(/Oauth2$/, '').toLowerCase())
  .toSorted();

/** Takes `github`, `GitHub` and `GithubOauth2`. */
export function vendorOf(text: string): OauthVendorName {
  const wanted = text.toLowerCase().replace(/oauth2$/, '');
  const found = (Object.keys(oauthVendorMembers) as OauthVendorName[]).find(
    (name) => name.toLowerCase() === `${wanted}oauth2`,
  );
  if (found !== undefined) return found;
  throw usageError(`'${text}' is no vendor.`, `Choose one of ${vendorNames.join(', ')}.`);
}

/** `oauth2ProviderConfigInput`, without the secret: what is there already, with the options laid over it. */
export function oauthConfigInput(
  vendor: OauthVendorName,
  options: OauthOptions,
  secret: object,
  known: OauthConfig | undefined,
): object {
  const member = oauthVendorMembers[vendor];
  refuseUseless(member, options);
  const clientId = options.clientId ?? known?.clientId;
  if (clientId === undefined)
    throw usageError('--client-id is missing.', 'It is what the vendor calls your application.');
  const base = { clientId, ...secret };
  switch (member) {
    case 'customOauth2ProviderConfig':
      return { [member]: { ...known, ...base, ...customInput(options, known) } };
    case 'includedOauth2ProviderConfig':
      return { [member]: { ...base, ...includedInput(options, known) } };
    case 'microsoftOauth2ProviderConfig': {
      const tenantId = options.tenant ?? tenantOf(known);
      return { [member]: { ...base, ...(tenantId !== undefined && { tenantId }) } };
    }
    default:
      return { [member]: base };
  }
}

const customOnly = [
  ...(['discoveryUrl', 'authMethod', 'signingKey', 'signingAlgorithm', 'onBehalfOf', 'actorToken'] as const),
];
const withIssuer = ['issuer', 'authorizationEndpoint', 'tokenEndpoint'] as const;

function refuseUseless(member: string, options: OauthOptions): void {
  const useless = [
    ...(member === 'customOauth2ProviderConfig' ? [] : customOnly),
    ...(/^(custom|included)/.test(member) ? [] : withIssuer),
    ...(member === 'microsoftOauth2ProviderConfig' ? [] : (['tenant'] as const)),
  ].find((name) => options[name] !== undefined);
  if (useless === undefined) return;
  const flag = useless.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw usageError(`--${flag} has no meaning for this vendor.`, 'Leave it out, or use --vendor custom.');
}

function customInput(options: OauthOptions, known: OauthConfig | undefined): object {
  const { discoveryUrl, issuer, authorizationEndpoint, tokenEndpoint } = options;
  const isDescribed = [issuer, authorizationEndpoint, tokenEndpoint].some((url) => url !== undefined);
  const before = known?.oauthDiscovery?.authorizationServerMetadata;
  const metadata = { ...before, ...defined({ issuer, authorizationEndpoint, tokenEndpoint }) };
  const oauthDiscovery =
    discoveryUrl !== undefined
      ? { discoveryUrl }
      : isDescribed
        ? { authorizationServerMetadata: metadata }
        : known?.oauthDiscovery;
  if (oauthDiscovery === undefined || (discoveryUrl !== undefined && isDescribed))
    throw usageError(
      'A custom provider needs the address of its authorization server.',
      'Give --discovery-url, or --issuer with --authorization-endpoint and --token-endpoint.',
    );
  return { oauthDiscovery, ...authenticationInput(options), ...onBehalfOfInput(options) };
}

function authenticationInput({ authMethod, signingKey, signingAlgorithm }: OauthOptions): object {
  if (authMethod === 'private-key-jwt') {
    if (signingKey === undefined)
      throw usageError(
        '--auth-method private-key-jwt needs --signing-key.',
        "Give the ARN of one of the server's keys.",
      );
    const privateKeySource = { kmsKeySource: { kmsKeyArn: signingKey } };
    const privateKeyJwtConfig = { privateKeySource, ...defined({ signingAlgorithm }) };
    return { clientAuthenticationMethod: 'PRIVATE_KEY_JWT', privateKeyJwtConfig };
  }
  if (signingKey !== undefined || signingAlgorithm !== undefined)
    throw usageError('A signing key proves the client only with --auth-method private-key-jwt.');
  if (authMethod === undefined) return {};
  // A member that is undefined is not sent: what was known of another method goes.
  return {
    clientAuthenticationMethod: authMethod === 'post' ? 'CLIENT_SECRET_POST' : 'CLIENT_SECRET_BASIC',
    privateKeyJwtConfig: undefined,
  };
}

function onBehalfOfInput({ onBehalfOf, actorToken }: OauthOptions): object {
  if (onBehalfOf === undefined) {
    if (actorToken === undefined) return {};
    throw usageError('--actor-token belongs to --on-behalf-of token-exchange.');
  }
  const tokenExchangeGrantTypeConfig =
    onBehalfOf === 'token-exchange'
      ? { actorTokenContent: actorToken === 'm2m' ? 'M2M' : 'NONE' }
      : undefined;
  const grantType = onBehalfOf === 'token-exchange' ? 'TOKEN_EXCHANGE' : 'JWT_AUTHORIZATION_GRANT';
  return { onBehalfOfTokenExchangeConfig: { grantType, ...defined({ tokenExchangeGrantTypeConfig }) } };
}

/** An issuer whose document is used is known by the document's address alone. */
function includedInput(options: OauthOptions, known: OauthConfig | undefined): object {
  const { discoveryUrl, authorizationServerMetadata: metadata } = known?.oauthDiscovery ?? {};
  const { issuer, authorizationEndpoint, tokenEndpoint } = options;
  const given = defined({ issuer, authorizationEndpoint, tokenEndpoint });
  // Endpoints of another issuer than before are not carried over.
  if (issuer !== undefined || known === undefined) return given;
  const before =
    metadata === undefined
      ? { issuer: discoveryUrl?.replace(/\/\.well-known\/openid-configuration$/, '') }
      : {
          issuer: metadata.issuer,
          authorizationEndpoint: metadata.authorizationEndpoint,
          tokenEndpoint: metadata.tokenEndpoint,
        };
  return { ...before, ...given };
}

function tenantOf(known: OauthConfig | undefined): string | undefined {
  return /^https:\/\/login\.microsoftonline\.com\/([^/]+)\//.exec(
    known?.oauthDiscovery?.discoveryUrl ?? '',
  )?.[1];
}

function defined(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
