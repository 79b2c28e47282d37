/** The issuer that a discovery URL belongs to, as it stands there (OpenID Connect Discovery 4, RFC 8414 3). */
export function issuerOf(discoveryUrl: string): string {
  return discoveryUrl.replace(
    /\/\.well-known\/(?:openid-configuration|oauth-authorization-server)(?=\/|$)/,
    '',
  );
}
