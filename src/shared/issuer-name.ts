const wellKnown = /\/\.well-known\/(?:openid-configuration|oauth-authorization-server)(?=\/|$)/;

/** What the discovery URL belongs to (OpenID Connect Discovery 4, RFC 8414 3). */
export function issuerOf(discoveryUrl: string): string {
  const { origin, pathname } = new URL(discoveryUrl);
  return origin + pathname.replace(wellKnown, '');
}

/**
 * Whether the discovery document at that URL may call its issuer so. Users are known by this name, so nobody may take another
 * one's: it is what the URL belongs to (OpenID Connect Discovery 4.3, RFC 8414 3.3), with or without a slash at its end.
 */
export function mayBeNamed(discoveryUrl: string, name: string): boolean {
  const base = issuerOf(discoveryUrl);
  if (name === base || name === `${base}/`) return true;
  return foreignNames.some((pattern) => pattern.test(`${new URL(base).origin} ${name}`));
}

const tenant = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** Of documents that Microsoft writes: origins, and names there. No tenant chooses its id. */
const foreignNames = [
  // Entra ID: documents of version 1, and of tenants that are named by their domain.
  `https://(login\\.microsoftonline\\.(?:com|us)) https://(?:\\1/${tenant}/v2\\.0|sts\\.windows\\.net/${tenant}/)`,
  `https://(login\\.partner\\.microsoftonline\\.cn) https://(?:\\1/${tenant}/v2\\.0|sts\\.chinacloudapi\\.cn/${tenant}/)`,
  // Entra External ID, and Azure AD B2C.
  `https://[\\w-]+\\.ciamlogin\\.com https://[\\w-]+\\.ciamlogin\\.com/${tenant}/v2\\.0/?`,
  `https://([\\w-]+\\.b2clogin\\.com) https://\\1/(?:${tenant}|tfp/${tenant}/[\\w-]+)/v2\\.0/`,
].map((pattern) => new RegExp(`^${pattern}$`));
