import type { RolePrincipal } from './principal.ts';

/**
 * Identity's operations whose resource is a workload identity. An agent is not believed when it only says who its user is, here and
 * in CompleteResourceTokenAuth: it would have the credentials of every user of its runtime.
 */
const workloadActions = new Set(['GetWorkloadAccessToken', 'GetWorkloadAccessTokenForJWT']);

/** Those that a workload token decides over. */
const tokenActions = new Set(['GetResourceApiKey', 'GetResourceOauth2Token']);

/** What an agent's role may do by itself: Identity's data operations, for its own workload identity. Policies of resources may grant more. */
export function rolePermission(role: RolePrincipal, action: string, resource: string) {
  return {
    isAllowed: tokenActions.has(action) || (workloadActions.has(action) && resource === ownWorkloadArn(role)),
    reason: 'role of an agent runtime',
    who: `The role ${role.roleArn} of agent runtime ${role.runtimeId}`,
    refusal: (named: string) =>
      `The role ${role.roleArn} of agent runtime ${role.runtimeId} is not authorized to perform ${named} on ${resource}. An agent's role may use its own workload identity, ${role.workload}, and what resource policies grant it.`,
  };
}

function ownWorkloadArn({ region, accountId, workload }: RolePrincipal): string {
  return `arn:aws:bedrock-agentcore:${region}:${accountId}:workload-identity-directory/default/workload-identity/${workload}`;
}
