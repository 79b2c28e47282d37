import { BerthError } from '../shared/errors.ts';
import type { Principal } from './principal.ts';

const invokeActions = new Set([
  'InvokeAgentRuntime',
  'InvokeAgentRuntimeForUser',
  'StopRuntimeSession',
  'berth:GetCallerIdentity',
  'berth:IssueRegistryToken',
]);

/**
 * The one place that says who may do what: `action` is an operation's or an IAM-only action's name, or `berth:` and a name for
 * Berth's own API; `resource` is an ARN, a path of Berth's own API, or '*'.
 */
export function authorize(principal: Principal, action: string, resource: string): void {
  if (principal.role === 'admin') return;
  if (invokeActions.has(action)) return;
  const named = action.includes(':') ? action : `bedrock-agentcore:${action}`;
  throw new BerthError(
    'access-denied',
    `Access key ${principal.accessKeyId} has the role '${principal.role}' and is not authorized to perform ${named} on ${resource}. Use a key with the role 'admin'.`,
  );
}
