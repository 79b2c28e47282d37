import { BerthError } from '../shared/errors.ts';
import type { Principal } from './principal.ts';

const invokeActions = new Set(['InvokeAgentRuntime', 'InvokeAgentRuntimeForUser', 'StopRuntimeSession']);

/** The one place that says who may do what: `action` is an operation's or an IAM-only action's name, `resource` an ARN or '*'. */
export function authorize(principal: Principal, action: string, resource: string): void {
  if (principal.role === 'admin') return;
  if (invokeActions.has(action)) return;
  throw new BerthError(
    'access-denied',
    `Access key ${principal.accessKeyId} has the role '${principal.role}' and is not authorized to perform bedrock-agentcore:${action} on ${resource}. Use a key with the role 'admin'.`,
  );
}
