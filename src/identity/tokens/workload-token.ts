import type { RuntimeId, Scope, SessionId } from '../../shared/ids.ts';

/**
 * On whose behalf a workload acts: users and clients that a token of their issuer proved, and users whom a caller names. Those of
 * different kinds or issuers are never the same one, whatever their names are.
 */
export type WorkloadUser = ProvenUser | { readonly kind: 'named'; readonly userId: string };

export interface ProvenUser {
  /** A client's token has no `sub`: it acts for no user. */
  readonly kind: 'user' | 'client';
  readonly issuer: string;
  /** `sub` of a user, `client_id` of a client. */
  readonly subject: string;
}

/** One incarnation of a session. */
export interface TokenSession {
  readonly runtimeId: RuntimeId;
  readonly sessionId: SessionId;
  readonly incarnation: number;
}

/** What a workload token says. */
export interface WorkloadClaims extends Scope {
  /** Name of the workload identity. */
  readonly workload: string;
  /** Undefined: it gives what is the workload's own only. */
  readonly user: WorkloadUser | undefined;
  /** Of a token that was handed to an agent: it is good as long as this incarnation of the session lives. */
  readonly session: TokenSession | undefined;
  /** The workloads by which the user's wish came to this one, the first one first; none when the user called it directly. */
  readonly actors?: readonly string[] | undefined;
}

/** Proofs of a workload identity that agents hold and show. */
export interface WorkloadTokens {
  /** Good for 30 minutes (contract 3.2). Throws `not-found` when there is no such workload identity. */
  issue(claims: WorkloadClaims): Promise<string>;
  /**
   * Throws `access-denied`, without repeating the token, when it is not ours, has expired, belongs to an ended session or to a
   * workload identity that is gone, or is of another scope.
   */
  verify(scope: Scope, token: string): Promise<WorkloadClaims>;
}

/** One text per user, for keys and bindings. */
export function userKey(user: WorkloadUser): string {
  return JSON.stringify(
    user.kind === 'named' ? ['named', user.userId] : [user.kind, user.issuer, user.subject],
  );
}

/** Proves users by tokens of their own issuers. */
export interface UserTokens {
  /**
   * Throws `access-denied` when nobody here trusts the token's issuer, `unauthorized` when the token does not prove its bearer,
   * `unavailable` when that cannot be told now, `not-found` when there is no such workload identity.
   */
  verify(scope: Scope, workload: string, userToken: string): Promise<WorkloadUser>;
}
