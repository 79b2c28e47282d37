import { BerthError } from '../shared/errors.ts';
import type { Principal } from './principal.ts';

/** What a bearer token that a runtime's authorizer accepts allows, on that runtime. */
const tokenActions = new Set([
  'GetAgentCard',
  'InvokeAgentRuntime',
  'InvokeAgentRuntimeCommand',
  'InvokeAgentRuntimeCommandShell',
  'InvokeAgentRuntimeWithWebSocketStream',
  'StopRuntimeSession',
]);

const invokeActions = new Set([
  'GetAgentCard',
  'InvokeAgentRuntime',
  'InvokeAgentRuntimeForUser',
  'InvokeAgentRuntimeWithWebSocketStream',
  'InvokeAgentRuntimeWithWebSocketStreamForUser',
  'StopRuntimeSession',
  'berth:GetCallerIdentity',
  'berth:IssueRegistryToken',
]);

/**
 * The one place that says who may do what: `action` is an operation's or an IAM-only action's name, or `berth:` and a name for
 * Berth's own API; `resource` is an ARN, a path of Berth's own API, or '*'.
 */
export function authorize(principal: Principal, action: string, resource: string): void {
  if (principal.kind === 'token') {
    if (tokenActions.has(action) && resource.endsWith(`:runtime/${principal.runtimeId}`)) return;
    throw new BerthError('access-denied', `A bearer token does not allow ${action} on ${resource}.`);
  }
  if (principal.role === 'admin') return;
  if (invokeActions.has(action)) return;
  const named = action.includes(':') ? action : `bedrock-agentcore:${action}`;
  throw new BerthError(
    'access-denied',
    `Access key ${principal.accessKeyId} has the role '${principal.role}' and is not authorized to perform ${named} on ${resource}. Use a key with the role 'admin'.`,
  );
}
