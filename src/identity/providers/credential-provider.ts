import type { Scope } from '../../shared/ids.ts';
import type { OauthVendorName } from '../../shared/oauth-vendors.ts';

/** A configured source of outside credentials. */
export type CredentialProvider = ApiKeyProvider | OauthProvider;

interface Provider extends Scope {
  /** Never used again: one that is made anew under an old name has none of the old one's grants. Owns its key in the vault. */
  readonly id: string;
  /** Unique among those of its kind in account and region. */
  readonly name: string;
  readonly secret: SecretSource;
  readonly createdAtMs: number;
  readonly lastUpdatedAtMs: number;
}

/** Sealed in the vault, or kept by the user elsewhere and read when it is needed; none where a key proves the client. */
export type SecretSource =
  | { readonly kind: 'managed' | 'none' }
  | { readonly kind: 'external'; readonly secretId: string; readonly jsonKey: string };

export interface ApiKeyProvider extends Provider {
  readonly kind: 'api-key';
}

export interface OauthProvider extends Provider {
  readonly kind: 'oauth2';
  readonly vendor: OauthVendorName;
  readonly clientId: string;
  readonly discovery: OauthDiscovery;
  readonly clientAuthentication: ClientAuthentication;
  readonly onBehalfOf: OnBehalfOf | undefined;
  readonly dialect: OauthDialect;
  /** Last part of its callback URL, a UUID. */
  readonly callbackId: string;
}

export type OauthDiscovery =
  | { readonly kind: 'document'; readonly url: string }
  | {
      readonly kind: 'metadata';
      readonly issuer: string;
      readonly authorizationEndpoint: string;
      readonly tokenEndpoint: string;
      readonly responseTypes: readonly string[] | undefined;
      readonly tokenEndpointAuthMethods: readonly string[] | undefined;
    };

export type ClientAuthentication =
  | { readonly kind: 'secret-basic' | 'secret-post' }
  | {
      readonly kind: 'private-key-jwt';
      /** ARN of a key of Berth's own key ring. */
      readonly keyArn: string;
      readonly algorithm: 'RS256' | 'PS256' | 'ES256';
      readonly headerClaims: Readonly<Record<string, string>>;
      readonly payloadClaims: Readonly<Record<string, string>>;
    };

export interface OnBehalfOf {
  /** RFC 8693, or RFC 7523 as Entra uses it. */
  readonly grant: 'token-exchange' | 'jwt-bearer';
  readonly actorToken: 'none' | 'm2m';
  readonly actorTokenScopes: readonly string[];
}

/** Where a vendor strays from RFC 6749 and OpenID Connect; the flows do as it says. */
export interface OauthDialect {
  /** Whether it takes PKCE: one that does not know it may refuse a `code_verifier`. */
  readonly usesPkce: boolean;
  /** Between the scopes of the authorization request. */
  readonly scopeSeparator: ' ' | ',';
  /** Sent with the authorization request, unless the caller's wish or custom parameters say otherwise. */
  readonly authorizationParameters: Readonly<Record<string, string>>;
  /** Sent with requests to the token endpoint, lower-case names. */
  readonly tokenRequestHeaders: Readonly<Record<string, string>>;
  readonly tokenRequestBody: 'form' | 'json';
  /** Where the access token is in the token endpoint's answer; the first path that leads to a text counts. */
  readonly accessTokenPaths: readonly (readonly string[])[];
  /** Failures come with status 200, told by a member `error`, or by `ok: false`. */
  readonly failsWithSuccess: boolean;
  /** The answer's `token_type` is missing or says something else, although the token is a bearer token. */
  readonly isBearerWhateverItSays: boolean;
  /** What it says of a refresh token that is no good, as `error`, `status` or `message`; RFC 6749 has `invalid_grant` for that. */
  readonly refusedRefreshes: readonly string[];
  /** Whether its ID tokens repeat the nonce. */
  readonly repeatsNonce: boolean;
  /** The document's issuer holds `{tenantid}`, which stands for the `tid` of the id token. */
  readonly hasIssuerTemplate: boolean;
}

/** What the flows need of providers. */
export interface CredentialProviders {
  /** Throws `not-found`. */
  findApiKey(scope: Scope, name: string): Promise<ApiKeyProvider>;
  /** Throws `not-found`. */
  findOauth(scope: Scope, name: string): Promise<OauthProvider>;
  findByCallback(callbackId: string): Promise<OauthProvider | undefined>;
  /** Throws `access-denied` when the provider is kept to other workloads than this one. */
  requireUse(provider: CredentialProvider, workload: string): Promise<void>;
  /**
   * The API key, or the client's secret, as it is now; never kept longer than it is used. Throws `not-found` when the provider is gone,
   * `access-denied` when it has another authorization server than this one by now, `validation` when its external secret cannot be read or when it has none, else as `Vault.open`.
   */
  secretOf(provider: CredentialProvider): Promise<string>;
}
