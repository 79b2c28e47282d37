import type { OauthVendorName } from '../../shared/oauth-vendors.ts';
import type {
  ClientAuthentication,
  OauthDialect,
  OauthDiscovery,
  OnBehalfOf,
} from './credential-provider.ts';
import { standardDialect, vendors } from './vendors.ts';

/** What the user said of an OAuth2 provider; what the vendor's own ways add is looked up when it is used. */
export interface OauthSettings {
  readonly vendor: OauthVendorName;
  readonly clientId: string;
  readonly place: OauthPlace;
  /** Undefined: the vendor's way. */
  readonly clientAuthentication: ClientAuthentication | undefined;
  /** Undefined: the vendor's way, if it has one. */
  readonly onBehalfOf: OnBehalfOf | undefined;
}

/** Which authorization server of the vendor it is. */
export type OauthPlace =
  | { readonly kind: 'vendor' }
  | { readonly kind: 'tenant'; readonly tenantId: string }
  | { readonly kind: 'discovered'; readonly discovery: OauthDiscovery };

export interface CompleteOauthSettings {
  readonly discovery: OauthDiscovery;
  readonly clientAuthentication: ClientAuthentication;
  readonly onBehalfOf: OnBehalfOf | undefined;
  readonly dialect: OauthDialect;
}

export function completeSettings(settings: OauthSettings): CompleteOauthSettings {
  const vendor = vendors[settings.vendor];
  return {
    discovery: discoveryOf(settings),
    clientAuthentication: settings.clientAuthentication ?? { kind: vendor.clientAuthentication },
    onBehalfOf: settings.onBehalfOf ?? vendor.onBehalfOf,
    dialect: { ...standardDialect, ...vendor.dialect },
  };
}

/** Whether a secret, or what users granted, would go to other hands than before. */
export function leadsElsewhere(before: OauthSettings, after: OauthSettings): boolean {
  return !isSamePlace(discoveryOf(before), discoveryOf(after));
}

/** Whether both are found at the same addresses. */
export function isSamePlace(one: OauthDiscovery, other: OauthDiscovery): boolean {
  const [there, here] = [placesOf(one), placesOf(other)];
  return there.length === here.length && there.every((url, index) => url === here[index]);
}

function placesOf(discovery: OauthDiscovery): readonly string[] {
  if (discovery.kind === 'document') return [discovery.url];
  return [discovery.issuer, discovery.authorizationEndpoint, discovery.tokenEndpoint];
}

function discoveryOf({ vendor, place }: OauthSettings): OauthDiscovery {
  if (place.kind === 'discovered') return place.discovery;
  const { address } = vendors[vendor];
  switch (address.kind) {
    case 'document':
      return { kind: 'document', url: address.url };
    case 'endpoints': {
      const { issuer, authorizationEndpoint, tokenEndpoint } = address;
      return {
        kind: 'metadata',
        ...{ issuer, authorizationEndpoint, tokenEndpoint },
        responseTypes: undefined,
        tokenEndpointAuthMethods: undefined,
      };
    }
    case 'tenant': {
      const tenantId = place.kind === 'tenant' ? place.tenantId : address.defaultTenant;
      return { kind: 'document', url: address.url(tenantId) };
    }
    default:
      throw new Error(`Providers of ${vendor} name an authorization server of their own`);
  }
}
