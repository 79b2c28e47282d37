/**
 * What a bearer token must show to be let in, as the owner of a runtime has said (`customJWTAuthorizer` of the service model).
 * Every list that is there must be met.
 */
export interface JwtAuthorizer {
  /** Where the issuer describes itself: OpenID Connect Discovery, or RFC 8414. */
  readonly discoveryUrl: string;
  /** One of them is in the token's `aud`. */
  readonly allowedAudience?: readonly string[] | undefined;
  /** One of them is the token's `client_id`. */
  readonly allowedClients?: readonly string[] | undefined;
  /** One of them is in the token's `scope`, or `scp`. */
  readonly allowedScopes?: readonly string[] | undefined;
  /** From an allowed scope to the name under which clients ask for it. */
  readonly advertisedScopeMapping?: Readonly<Record<string, string>> | undefined;
  /** Each is met. */
  readonly customClaims?: readonly ClaimRule[] | undefined;
}

/** What one claim must hold. A claim of another type than the rule's never meets it. */
export type ClaimRule =
  /** A text, equal to this one. */
  | { readonly kind: 'is'; readonly claim: string; readonly value: string }
  /** A text, one of these. */
  | { readonly kind: 'is-one-of'; readonly claim: string; readonly values: readonly string[] }
  /** A list of texts with this one in it. */
  | { readonly kind: 'has'; readonly claim: string; readonly value: string }
  /** A list of texts with any of these in it. */
  | { readonly kind: 'has-any'; readonly claim: string; readonly values: readonly string[] };

/** The scopes that clients are told to ask for. */
export function advertisedScopes({
  allowedScopes = [],
  advertisedScopeMapping = {},
}: Pick<JwtAuthorizer, 'allowedScopes' | 'advertisedScopeMapping'>): readonly string[] {
  return allowedScopes.map((scope) =>
    Object.hasOwn(advertisedScopeMapping, scope) ? (advertisedScopeMapping[scope] ?? scope) : scope,
  );
}
