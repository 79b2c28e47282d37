import { BerthError } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import type { TokenSession, WorkloadClaims, WorkloadTokens } from './workload-token.ts';

/** Who shows a workload token. */
export type TokenBearer = Scope &
  (
    | { readonly kind: 'access-key' | 'token' }
    /** An agent in its sandbox, with the workload identity of its runtime. */
    | ({ readonly kind: 'role'; readonly workload: string } & TokenSession)
  );

/**
 * What a workload token says, for every operation that takes one. An agent may show only tokens of its own workload and session. Throws
 * `access-denied`, as `WorkloadTokens.verify` does.
 */
export async function shownClaims(
  tokens: Pick<WorkloadTokens, 'verify'>,
  bearer: TokenBearer,
  token: string,
): Promise<WorkloadClaims> {
  const claims = await tokens.verify(bearer, token);
  if (bearer.kind !== 'role') return claims;
  const { session } = claims;
  const isOwn =
    session?.runtimeId === bearer.runtimeId &&
    session.sessionId === bearer.sessionId &&
    session.incarnation === bearer.incarnation;
  if (bearer.workload === claims.workload && isOwn) return claims;
  throw new BerthError(
    'access-denied',
    'The workload token is of another workload identity, or another session, than that of this agent. Use the token that came with the invocation.',
  );
}

/** The session that a token which somebody asks for is good for: an agent's own; others have none. */
export function sessionOfBearer(bearer: TokenBearer): TokenSession | undefined {
  if (bearer.kind !== 'role') return undefined;
  const { runtimeId, sessionId, incarnation } = bearer;
  return { runtimeId, sessionId, incarnation };
}
