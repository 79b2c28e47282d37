import type { AccessContext } from '../../auth/access-context.ts';
import { qualifiedAction } from '../../auth/actions.ts';
import type { Audit } from '../../auth/audit/audit.ts';
import type { Authorize } from '../../auth/authorize.ts';
import type { Principal, SigningPrincipal } from '../../auth/principal.ts';
import type { AgentTokens, OnBehalf } from '../../identity/tokens/agent-tokens.ts';
import { userKey, type WorkloadUser } from '../../identity/tokens/workload-token.ts';
import {
  callbackUrlHeader,
  workloadTokenHeader,
  workloadTokenOldHeader,
} from '../../invocations/header-names.ts';
import type { Runtime } from '../../runtimes/runtime.ts';
import type { Session } from '../../sessions/session.ts';
import { BerthError, invalidField } from '../../shared/errors.ts';
import type { InvokeHeaders } from './invoke-headers.ts';

/** The permission to speak for a user in a call, of what, and what is known of the call. */
export interface ForUser {
  readonly action: string;
  readonly arn: string;
  readonly access: AccessContext;
}

/**
 * A bearer token says itself who its user is, and an agent in its sandbox may hand on who called it, which its own token proves. Any
 * other caller must have the permission to name a user, or to pass one on.
 */
export async function authorizeUser(
  mayDo: Authorize,
  principal: Principal,
  { userId, workloadToken }: InvokeHeaders,
  { action, arn, access }: ForUser,
): Promise<void> {
  if (principal.kind !== 'access-key') return;
  if (userId !== undefined || workloadToken !== undefined) await mayDo(principal, action, arn, access);
}

export interface CallUserParts {
  readonly agentTokens: Pick<AgentTokens, 'receive'>;
  readonly audit: Pick<Audit, 'denied'>;
}

/**
 * Who is behind a call whose caller may say so; undefined when nobody is named. A workload token that the caller shows hands its
 * user on (contract 1.7, Identity-WAT). Rejects with `access-denied` when it is not good, or when an agent names a user whom its token
 * does not prove (decision 28), with `validation` when the headers name two users.
 */
export async function findCallUser(
  { agentTokens, audit }: CallUserParts,
  principal: Principal,
  headers: InvokeHeaders,
  { action, arn, access }: ForUser,
): Promise<OnBehalf | undefined> {
  if (principal.kind === 'token') {
    const { holder: kind, issuer, subject, held } = principal;
    return { user: { kind, issuer, subject }, actors: [], userToken: held };
  }
  try {
    return await userBehind(agentTokens, principal, headers);
  } catch (error) {
    if (error instanceof BerthError && error.code === 'access-denied') {
      const { message: reason } = error;
      audit.denied({ ...access, principal, action: qualifiedAction(action), resource: arn, reason });
    }
    throw error;
  }
}

async function userBehind(
  agentTokens: CallUserParts['agentTokens'],
  principal: SigningPrincipal,
  { userId, workloadToken }: InvokeHeaders,
): Promise<OnBehalf | undefined> {
  const named: WorkloadUser | undefined = userId === undefined ? undefined : { kind: 'named', userId };
  const { user: proven, ...chain } =
    workloadToken === undefined
      ? { user: undefined, actors: [] }
      : await agentTokens.receive(principal, workloadToken);
  const isProven = named !== undefined && proven !== undefined && userKey(named) === userKey(proven);
  if (named !== undefined && !isProven) {
    if (principal.kind === 'role') throw notBelieved();
    if (proven !== undefined) throw twoUsers();
  }
  const user = proven ?? named;
  return user && { ...chain, user };
}

/** An agent is untrusted: with a name alone it would have whatever the agent that it calls holds for anybody. */
function notBelieved(): BerthError {
  return new BerthError(
    'access-denied',
    'An agent is not believed when it only names its user. Send the workload access token that came with the invocation: it hands its user on.',
  );
}

function twoUsers(): BerthError {
  return invalidField(
    'runtimeUserId',
    'The header names another user than the workload access token that came with it. Send one of the two.',
  );
}

/** What the agent is told of the user behind a call (contract 4.2); nothing without one. */
export async function agentTokenHeaders(
  agentTokens: Pick<AgentTokens, 'handOut'>,
  {
    runtime,
    session,
    onBehalf,
  }: {
    readonly runtime: Runtime | undefined;
    readonly session: Session;
    readonly onBehalf: OnBehalf | undefined;
  },
): Promise<Readonly<Record<string, string>>> {
  if (runtime === undefined || onBehalf === undefined) return {};
  const { runtimeId, id: sessionId, incarnation } = session;
  const handed = agentTokens.handOut({
    scope: runtime,
    workload: runtime.workloadIdentityName,
    session: { runtimeId, sessionId, incarnation },
    onBehalf,
  });
  const { token, callbackUrl } = handed instanceof Promise ? await handed : handed;
  return {
    [workloadTokenHeader]: token,
    [workloadTokenOldHeader]: token,
    ...(callbackUrl !== undefined && { [callbackUrlHeader]: callbackUrl }),
  };
}
