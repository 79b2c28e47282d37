import type { HeldToken } from '../shared/held-token.ts';
import type { RuntimeId, SandboxId, Scope, SessionId } from '../shared/ids.ts';
import type { TokenBearer } from './jwt/token-verifier.ts';

/** What a key may do at all; docs/identity/authorisation.md has the table. */
export const keyRoles = ['admin', 'deployer', 'application', 'agent', 'invoker'] as const;

export type KeyRole = (typeof keyRoles)[number];

/** The runtimes that a key is limited to: both parts must fit, where both are there. */
export interface KeyLimits {
  /** Names, `*` standing for any characters; one of them must fit. */
  readonly runtimes?: readonly string[] | undefined;
  /** All of them must be tags of the runtime. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Who is calling, after authentication. */
export type Principal = SigningPrincipal | TokenPrincipal;

/** Those who sign their requests. */
export type SigningPrincipal = KeyPrincipal | RolePrincipal;

/** Whoever signs with an access key. */
export interface KeyPrincipal extends Scope {
  readonly kind: 'access-key';
  readonly accessKeyId: string;
  readonly role: KeyRole;
  /** What its owner calls the key; the user of its ARN. */
  readonly keyName?: string | undefined;
  /** Undefined: every runtime. */
  readonly limits?: KeyLimits | undefined;
}

/** The role of a runtime, as one session's sandbox has it; known by where a call comes from (docs/identity/role.md). */
export interface RolePrincipal extends Scope {
  readonly kind: 'role';
  readonly roleArn: string;
  /** Name of the runtime's own workload identity. */
  readonly workload: string;
  readonly runtimeId: RuntimeId;
  readonly sessionId: SessionId;
  readonly incarnation: number;
  /** Of this incarnation, and of no other ever. */
  readonly sandboxId: SandboxId;
}

/** A user or client of somebody else's issuer, known by a bearer token that one runtime's authorizer accepts. */
export interface TokenPrincipal extends Scope, TokenBearer {
  readonly kind: 'token';
  /** The one runtime that takes this token. */
  readonly runtimeId: string;
  /** The token itself, which an agent may exchange for others. */
  readonly held?: HeldToken | undefined;
}

/** One name per caller, for budgets and for telling re-sent requests; callers of different kinds never share one. */
export function callerId(principal: Principal): string {
  switch (principal.kind) {
    case 'access-key':
      return principal.accessKeyId;
    case 'role':
      return `role/${principal.runtimeId}/${principal.sandboxId}`;
    case 'token':
      return JSON.stringify([principal.holder, principal.issuer, principal.subject, principal.runtimeId]);
  }
}
