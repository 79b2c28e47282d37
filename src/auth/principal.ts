import type { Scope } from '../shared/ids.ts';

export type KeyRole = 'admin' | 'invoke';

/** Who is calling, after authentication. */
export type Principal = KeyPrincipal | TokenPrincipal;

/** Whoever signs with an access key. */
export interface KeyPrincipal extends Scope {
  readonly kind: 'access-key';
  readonly accessKeyId: string;
  readonly role: KeyRole;
}

/** A user of somebody else's issuer, known by a bearer token that one runtime's authorizer accepts. */
export interface TokenPrincipal extends Scope {
  readonly kind: 'token';
  readonly issuer: string;
  /** The token's `sub`: unique at its issuer. */
  readonly subject: string;
  /** The one runtime that takes this token. */
  readonly runtimeId: string;
}

/** One name per caller, for budgets and for telling re-sent requests; an issuer's users never share one with a key. */
export function callerId(principal: Principal): string {
  return principal.kind === 'access-key'
    ? principal.accessKeyId
    : `${principal.issuer} ${principal.subject} ${principal.runtimeId}`;
}
