import type { AccessContext } from '../../auth/access-context.ts';
import type { Authorize } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import type { AgentTokens, OnBehalf } from '../../identity/tokens/agent-tokens.ts';
import { userKey, type WorkloadUser } from '../../identity/tokens/workload-token.ts';
import {
  callbackUrlHeader,
  workloadTokenHeader,
  workloadTokenOldHeader,
} from '../../invocations/header-names.ts';
import type { Runtime } from '../../runtimes/runtime.ts';
import type { Session } from '../../sessions/session.ts';
import { invalidField } from '../../shared/errors.ts';
import type { InvokeHeaders } from './invoke-headers.ts';

/**
 * A bearer token says itself who its user is, and an agent in its sandbox may hand on who called it, which its own token proves. Any
 * other caller must have the permission to name a user, or to pass one on.
 */
export async function authorizeUser(
  mayDo: Authorize,
  principal: Principal,
  { userId, workloadToken }: InvokeHeaders,
  { action, arn, access }: { readonly action: string; readonly arn: string; readonly access: AccessContext },
): Promise<void> {
  if (principal.kind === 'token') return;
  const isHandingOn = principal.kind === 'role' && workloadToken !== undefined;
  if (userId !== undefined || (workloadToken !== undefined && !isHandingOn))
    await mayDo(principal, action, arn, access);
}

/**
 * Who is behind a call whose caller may say so; undefined when nobody is named. A workload token that the caller shows hands its
 * user on (contract 1.7, Identity-WAT). Rejects with `access-denied` when it is not good, with `validation` when the headers name
 * two users.
 */
export async function findCallUser(
  agentTokens: Pick<AgentTokens, 'receive'>,
  principal: Principal,
  { userId, workloadToken }: InvokeHeaders,
): Promise<OnBehalf | undefined> {
  if (principal.kind === 'token') {
    const { issuer, subject, held } = principal;
    return { user: { kind: 'token', issuer, subject }, actors: [], userToken: held };
  }
  const named: WorkloadUser | undefined = userId === undefined ? undefined : { kind: 'named', userId };
  if (workloadToken === undefined) return named && { user: named, actors: [] };
  const { user: passedOn, ...chain } = await agentTokens.receive(principal, workloadToken);
  if (named !== undefined && passedOn !== undefined && userKey(named) !== userKey(passedOn))
    throw invalidField(
      'runtimeUserId',
      'The header names another user than the workload access token that came with it. Send one of the two.',
    );
  const user = passedOn ?? named;
  return user && { ...chain, user };
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
