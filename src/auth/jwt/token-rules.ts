import type { JWTPayload } from 'jose';
import type { ClaimRule, JwtAuthorizer } from '../../shared/jwt-authorizer.ts';

/**
 * What of a proven token an authorizer does not take, as a sentence, or undefined (contract 1.7, authentication choice). It does
 * not say what would be taken.
 */
export function ruleProblem(claims: JWTPayload, authorizer: JwtAuthorizer): string | undefined {
  const { allowedAudience, allowedClients, allowedScopes, customClaims = [] } = authorizer;
  if (allowedAudience !== undefined && !meet(textsOf(claims.aud), allowedAudience))
    return "The token's audience (aud) is not one that this runtime takes.";
  if (allowedClients !== undefined && !meet(textsOf(claims['client_id']), allowedClients))
    return "The token's client (client_id) is not one that this runtime takes.";
  if (allowedScopes !== undefined && !meet(scopesOf(claims), allowedScopes))
    return 'The token has no scope that this runtime takes.';
  const failed = customClaims.find((rule) => !isMet(rule, claims));
  return failed && `The token's claim ${failed.claim} is not what this runtime asks for.`;
}

/** `scope` is a text with blanks between (RFC 9068); some issuers have `scp`, as such a text or as a list. */
function scopesOf(claims: JWTPayload): readonly string[] {
  return [claims['scope'], claims['scp']].flatMap(textsOf).flatMap((text) => text.split(' '));
}

function isMet(rule: ClaimRule, claims: JWTPayload): boolean {
  const value: unknown = Object.hasOwn(claims, rule.claim) ? claims[rule.claim] : undefined;
  switch (rule.kind) {
    case 'is':
      return value === rule.value;
    case 'is-one-of':
      return typeof value === 'string' && rule.values.includes(value);
    case 'has':
      return Array.isArray(value) && value.includes(rule.value);
    case 'has-any':
      return Array.isArray(value) && rule.values.some((wanted) => value.includes(wanted));
  }
}

function meet(found: readonly string[], allowed: readonly string[]): boolean {
  return found.some((text) => allowed.includes(text));
}

function textsOf(value: unknown): readonly string[] {
  return [value].flat().filter((item) => typeof item === 'string');
}
