import type { Audit } from '../../auth/audit/audit.ts';
import type { Authorize } from '../../auth/authorize.ts';
import { callerId, type Principal } from '../../auth/principal.ts';
import type { OnBehalf } from '../../identity/tokens/agent-tokens.ts';
import { userKey } from '../../identity/tokens/workload-token.ts';
import { runtimeArn } from '../../runtimes/arns.ts';
import type { SessionBindings, SessionName } from '../../sessions/session-bindings.ts';
import type { SessionRegistry } from '../../sessions/session-registry.ts';
import { BerthError } from '../../shared/errors.ts';
import type { SessionId } from '../../shared/ids.ts';
import { callContextOf } from './call-context.ts';
import type { Exchange } from './exchange.ts';
import type { RuntimeAddress } from './runtime-address.ts';

export interface ClaimSessionParts {
  readonly authorize: Authorize;
  readonly sessions: Pick<SessionRegistry, 'endpointOf'>;
  readonly bindings: Pick<SessionBindings, 'claim' | 'mayUse'>;
  readonly audit: Pick<Audit, 'denied'>;
}

export interface ClaimedSession {
  readonly address: RuntimeAddress;
  readonly sessionId: SessionId;
  /** What is done to it. */
  readonly action: string;
  /** On whose behalf the caller says to call. */
  readonly onBehalf: Pick<OnBehalf, 'user'> | undefined;
}

/** For a call that the caller is allowed: throws `access-denied` when the session is bound to somebody else. */
export function claimSession(
  parts: ClaimSessionParts,
  exchange: Exchange,
  session: ClaimedSession,
): Promise<void> {
  return requireOwner(parts, exchange, session, (...asked) => parts.bindings.claim(...asked));
}

/** The same for what begins no session, such as its end. */
export function requireOwnSession(
  parts: ClaimSessionParts,
  exchange: Exchange,
  session: ClaimedSession,
): Promise<void> {
  return requireOwner(parts, exchange, session, (...asked) => parts.bindings.mayUse(...asked));
}

async function requireOwner(
  parts: ClaimSessionParts,
  exchange: Exchange,
  session: ClaimedSession,
  isOwner: SessionBindings['claim'],
): Promise<void> {
  const principal = provenCaller(exchange);
  await authorizeEndpoint(parts, exchange, session);
  if (await isOwner(nameOf(session), ownerOf(principal, session))) return;
  auditOthers(parts, exchange, session, `session ${session.sessionId} is another's`);
  throw notYours(session.sessionId);
}

/** A session that another endpoint began is that one's, too: by no other name may be done what its policy denies. */
async function authorizeEndpoint(
  { authorize, sessions }: ClaimSessionParts,
  exchange: Exchange,
  { address, sessionId, action }: ClaimedSession,
): Promise<void> {
  const { scope, runtimeId } = address;
  const endpoint = sessions.endpointOf(runtimeId, sessionId);
  if (endpoint === undefined || endpoint === address.qualifier) return;
  const access = callContextOf(exchange, { ...address, qualifier: endpoint });
  await authorize(provenCaller(exchange), action, runtimeArn(scope, runtimeId), access);
}

function nameOf({ address: { runtimeId }, sessionId }: ClaimedSession): SessionName {
  return { runtimeId, sessionId };
}

/** A key's holder speaks for users, whose sessions are not each other's; a token's user is its own. */
function ownerOf(principal: Principal, { onBehalf }: ClaimedSession): string {
  const user = principal.kind === 'token' || onBehalf === undefined ? [] : [userKey(onBehalf.user)];
  return JSON.stringify([principal.kind, callerId(principal), ...user]);
}

function provenCaller({ principal }: Exchange): Principal {
  if (principal === undefined) throw new Error('A session is claimed before its caller is proven.');
  return principal;
}

/** Somebody wants to use what belongs to another caller. */
export function auditOthers(
  { audit }: Pick<ClaimSessionParts, 'audit'>,
  exchange: Exchange,
  { address: { runtimeId } }: Pick<ClaimedSession, 'address'>,
  reason: string,
): void {
  const { request, requestId } = exchange;
  const principal = provenCaller(exchange);
  audit.denied({
    principal,
    action: 'berth:UseSession',
    resource: runtimeArn(principal, runtimeId),
    reason,
    requestId,
    sourceIp: request.socket.remoteAddress,
  });
}

function notYours(sessionId: SessionId): BerthError {
  return new BerthError(
    'access-denied',
    `The session ${sessionId} belongs to another caller, and its runtime binds sessions to the first one who calls them. Begin a session of your own.`,
  );
}
