import { keyRoles, type KeyRole } from './principal.ts';

interface ActionRule {
  readonly roles: readonly KeyRole[];
  /** `change`: every decision is written to the audit log; otherwise only refusals are. */
  readonly kind: 'change' | 'use';
  /**
   * What a key that is limited to some runtimes may do of it. `runtime`: where the call names such a runtime. `filtered`: the
   * answer shows, or the call makes, only such. `caller`: all of it, since it is about the caller or tells nothing of runtimes.
   * `server`: nothing.
   */
  readonly limitedTo: 'runtime' | 'filtered' | 'caller' | 'server';
}

type Names = readonly string[];

const all = keyRoles;
const deploying: readonly KeyRole[] = ['admin', 'deployer'];
const administering: readonly KeyRole[] = ['admin'];
/** Agents outside Berth, which have no role of a sandbox. */
const outside: readonly KeyRole[] = ['admin', 'agent'];

function rules(
  roles: readonly KeyRole[],
  kind: ActionRule['kind'],
  limitedTo: ActionRule['limitedTo'],
  names: Names,
): readonly (readonly [string, ActionRule])[] {
  return names.map((name) => [name, { roles, kind, limitedTo }]);
}

/**
 * Every action, by the name of its operation, its IAM-only name, or `berth:` and its name in Berth's own API. What is not here is
 * the admins' alone.
 */
export const actions: ReadonlyMap<string, ActionRule> = new Map([
  ...rules(all, 'use', 'runtime', [
    'GetAgentCard',
    'InvokeAgentRuntime',
    'InvokeAgentRuntimeWithWebSocketStream',
    'StopRuntimeSession',
  ]),
  // Whoever names users gets what agents hold for them, which is no business of those who deploy.
  ...rules(['admin', 'application'], 'use', 'runtime', [
    'InvokeAgentRuntimeForUser',
    'InvokeAgentRuntimeWithWebSocketStreamForUser',
  ]),
  // A command sees everything in a session's sandbox, users' credentials included.
  ...rules(administering, 'use', 'runtime', ['InvokeAgentRuntimeCommand', 'InvokeAgentRuntimeCommandShell']),
  ...rules(deploying, 'change', 'filtered', ['CreateAgentRuntime']),
  ...rules(deploying, 'use', 'filtered', ['ListAgentRuntimes']),
  ...rules(deploying, 'change', 'runtime', [
    'UpdateAgentRuntime',
    'DeleteAgentRuntime',
    'CreateAgentRuntimeEndpoint',
    'UpdateAgentRuntimeEndpoint',
    'DeleteAgentRuntimeEndpoint',
    'TagResource',
    'UntagResource',
  ]),
  ...rules(deploying, 'use', 'runtime', [
    'GetAgentRuntime',
    'ListAgentRuntimeVersions',
    'GetAgentRuntimeEndpoint',
    'ListAgentRuntimeEndpoints',
    'ListTagsForResource',
    'GetResourcePolicy',
  ]),
  // Who may call is the admins' to say, as with keys.
  ...rules(administering, 'change', 'runtime', ['PutResourcePolicy', 'DeleteResourcePolicy']),
  // The walls around an agent, and whose its sessions are: options of runtimes, asked for beside TagResource and the like.
  ...rules(administering, 'change', 'runtime', ['berth:SetWalls']),
  ...rules([...deploying, 'agent'], 'change', 'server', ['CreateWorkloadIdentity']),
  ...rules([...deploying, 'agent'], 'use', 'server', ['GetWorkloadIdentity']),
  ...rules(deploying, 'change', 'server', [
    'UpdateWorkloadIdentity',
    'DeleteWorkloadIdentity',
    'CreateOauth2CredentialProvider',
    'UpdateOauth2CredentialProvider',
    'DeleteOauth2CredentialProvider',
    'CreateApiKeyCredentialProvider',
    'UpdateApiKeyCredentialProvider',
    'DeleteApiKeyCredentialProvider',
  ]),
  ...rules(deploying, 'use', 'server', [
    'ListWorkloadIdentities',
    'GetOauth2CredentialProvider',
    'ListOauth2CredentialProviders',
    'GetApiKeyCredentialProvider',
    'ListApiKeyCredentialProviders',
    'GetTokenVault',
  ]),
  // Beside the operations of providers: a file's secret is nobody's who deploys, and an agent could tell it.
  ...rules(administering, 'change', 'server', ['berth:UseExternalSecret']),
  // The same: whoever points a provider at a server of their own could have it signed there who they are not.
  ...rules(administering, 'change', 'server', ['berth:UseSigningKey']),
  ...rules(administering, 'change', 'server', ['SetTokenVaultCMK']),
  // Reads of credentials have entries of their own: see Audit.read.
  ...rules(outside, 'use', 'server', [
    'GetWorkloadAccessToken',
    'GetWorkloadAccessTokenForJWT',
    'GetWorkloadAccessTokenForUserId',
    'GetResourceApiKey',
    'GetResourceOauth2Token',
  ]),
  // It makes what a provider gave the grant of a user; whoever asks has to know the session and to say who that is.
  ...rules(['admin', 'application', 'agent'], 'change', 'caller', ['CompleteResourceTokenAuth']),
  ...rules(all, 'use', 'caller', ['berth:GetCallerIdentity', 'berth:IssueRegistryToken']),
  ...rules(deploying, 'use', 'caller', ['berth:GetServer']),
  ...rules(deploying, 'use', 'filtered', ['berth:ListSessions']),
  ...rules(deploying, 'use', 'runtime', [
    'berth:GetSession',
    'berth:GetLogs',
    'berth:GetPreparation',
    'berth:ListSessionStorage',
  ]),
  ...rules(deploying, 'change', 'runtime', ['berth:StopSession']),
  ...rules(deploying, 'use', 'server', ['berth:ListImages', 'berth:ListRepositories']),
  // Through the registry: see RegistryAuthenticator.
  ...rules(all, 'use', 'filtered', ['berth:PullImage']),
  ...rules(deploying, 'change', 'filtered', ['berth:PushImage']),
  ...rules(deploying, 'change', 'server', ['berth:DeleteImage']),
  ...rules(administering, 'use', 'server', [
    'berth:GetAuditLog',
    'berth:GetLoad',
    'berth:GetKmsKey',
    'berth:GetMetrics',
    'berth:GetVault',
    'berth:ListAccessKeys',
    'berth:ListKmsKeys',
    'berth:ListRegistryCredentials',
  ]),
  ...rules(administering, 'change', 'server', [
    'berth:ClosePools',
    'berth:CreateAccessKey',
    'berth:CreateKmsKey',
    'berth:DeleteKmsKey',
    'berth:DeleteRegistryCredential',
    'berth:IssueDevelopmentToken',
    'berth:PutRegistryCredential',
    'berth:RevokeAccessKey',
    'berth:RotateSigningKey',
    'berth:RotateVault',
  ]),
]);

/** As IAM policies write it. */
export function qualifiedAction(action: string): string {
  return action.includes(':') ? action : `bedrock-agentcore:${action}`;
}
