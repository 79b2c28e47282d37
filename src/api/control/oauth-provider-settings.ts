import type { OauthDiscovery } from '../../identity/providers/credential-provider.ts';
import type { OauthPlace, OauthSettings } from '../../identity/providers/oauth-settings.ts';
import type { GivenSecret } from '../../identity/providers/provider-secrets.ts';
import { vendors } from '../../identity/providers/vendors.ts';
import type { KeyRing } from '../../identity/vault/key-ring.ts';
import { invalidField } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import { oauthVendorMembers, type OauthVendorName } from '../../shared/oauth-vendors.ts';
import type {
  IncludedOauth2ProviderConfigInput,
  Oauth2ProviderConfigInput,
} from '../model/generated/types.ts';
import { customSettings } from './custom-oauth-settings.ts';
import type { IssuerProblem } from './jwt-authorizer-settings.ts';
import { requireGoodUrl } from './require-good-url.ts';
import { requestedSecret, type SecretMembers } from './requested-secret.ts';

export interface OauthSettingRules {
  readonly issuerProblem: IssuerProblem;
  readonly keyRing: Pick<KeyRing, 'requireSigningKey'>;
}

export interface RequestedOauthProvider {
  readonly settings: OauthSettings;
  /** Undefined: none was given. */
  readonly secret: GivenSecret | undefined;
  readonly secretMembers: SecretMembers;
}

/** The members that all vendors' inputs have. */
interface AnyInput extends Omit<IncludedOauth2ProviderConfigInput, 'clientId'> {
  readonly clientId?: string | undefined;
  readonly tenantId?: string | undefined;
}

/** Throws `validation` for what does not fit the vendor or could not be held to, and as `KeyRing.requireSigningKey`. */
export async function requestedOauthProvider(
  scope: Scope,
  { vendor, input }: { readonly vendor: OauthVendorName; readonly input: Oauth2ProviderConfigInput },
  rules: OauthSettingRules,
): Promise<RequestedOauthProvider> {
  const name = oauthVendorMembers[vendor];
  const member = `oauth2ProviderConfigInput.${name}`;
  const given: AnyInput | undefined = input[name];
  if (given === undefined)
    throw invalidField(
      'oauth2ProviderConfigInput',
      `The settings of a provider of ${vendor} are given as ${name}.`,
    );
  const secretMembers = secretMembersOf(given, member);
  const secret = requestedSecret(secretMembers);
  if (given.clientId === undefined || given.clientId === '')
    throw invalidField(
      `${member}.clientId`,
      'The clientId is missing: it is what the vendor calls your application.',
    );
  const base = { vendor, clientId: given.clientId };
  if (input.customOauth2ProviderConfig === undefined) {
    const place = placeOf(vendor, given, member, rules.issuerProblem);
    const settings = { ...base, place, clientAuthentication: undefined, onBehalfOf: undefined };
    return { settings, secret, secretMembers };
  }
  const custom = await customSettings(scope, input.customOauth2ProviderConfig, member, rules);
  const settings = { ...base, ...custom };
  if (custom.clientAuthentication.kind !== 'private-key-jwt') return { settings, secret, secretMembers };
  if (secret !== undefined)
    throw invalidField(
      `${member}.clientSecret`,
      'With PRIVATE_KEY_JWT the client is proven by a private key. Leave its secret out.',
    );
  return { settings, secret: { kind: 'none' }, secretMembers };
}

function secretMembersOf(given: AnyInput, member: string): SecretMembers {
  return {
    value: given.clientSecret,
    source: given.clientSecretSource,
    reference: given.clientSecretConfig,
    names: [`${member}.clientSecret`, `${member}.clientSecretSource`, `${member}.clientSecretConfig`],
  };
}

function placeOf(
  vendor: OauthVendorName,
  given: AnyInput,
  member: string,
  issuerProblem: IssuerProblem,
): OauthPlace {
  const { address } = vendors[vendor];
  switch (address.kind) {
    case 'own-issuer':
      return {
        kind: 'discovered',
        discovery: ownIssuer(vendor, address.example, given, member, issuerProblem),
      };
    case 'tenant':
      if (given.tenantId === undefined) return { kind: 'vendor' };
      if (/^[A-Za-z0-9.-]+$/.test(given.tenantId)) return { kind: 'tenant', tenantId: given.tenantId };
      throw invalidField(
        `${member}.tenantId`,
        `'${given.tenantId}' is no tenant: expected its id, one of its domain names, or common, organizations or consumers.`,
      );
    case 'endpoints':
      for (const name of ['issuer', 'authorizationEndpoint', 'tokenEndpoint'] as const) {
        if (given[name] === undefined || given[name] === address[name]) continue;
        throw invalidField(
          `${member}.${name}`,
          `${vendor} has the ${name} ${address[name]}. Leave ${name} out, or use CustomOauth2 for another authorization server.`,
        );
      }
      return { kind: 'vendor' };
    default:
      return { kind: 'vendor' };
  }
}

function ownIssuer(
  vendor: OauthVendorName,
  example: string,
  { issuer, authorizationEndpoint, tokenEndpoint }: AnyInput,
  member: string,
  issuerProblem: IssuerProblem,
): OauthDiscovery {
  if (issuer === undefined)
    throw invalidField(
      `${member}.issuer`,
      `Every customer of ${vendor} has an issuer of their own, such as ${example}. Give it as issuer; its endpoints are read from its discovery document.`,
    );
  for (const [name, url] of Object.entries({ issuer, authorizationEndpoint, tokenEndpoint }))
    if (url !== undefined) requireGoodUrl(url, `${member}.${name}`, issuerProblem);
  if (authorizationEndpoint !== undefined && tokenEndpoint !== undefined) {
    const endpoints = { issuer, authorizationEndpoint, tokenEndpoint };
    return { kind: 'metadata', ...endpoints, responseTypes: undefined, tokenEndpointAuthMethods: undefined };
  }
  if (authorizationEndpoint === undefined && tokenEndpoint === undefined)
    return { kind: 'document', url: `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration` };
  throw invalidField(
    `${member}.${tokenEndpoint === undefined ? 'tokenEndpoint' : 'authorizationEndpoint'}`,
    'authorizationEndpoint and tokenEndpoint are given together, or both left to the discovery document of the issuer.',
  );
}
