import type { Scope } from '../shared/ids.ts';

/** The ARN of what a request's path names, for authorisation; '*' when it names nothing that has one. */
export function resourceOf(labels: Readonly<Record<string, string>>, scope: Scope): string {
  const named = Object.values(labels).find((label) => label.startsWith('arn:'));
  if (named !== undefined) return named;
  const { agentRuntimeId, endpointName } = labels;
  if (agentRuntimeId === undefined) return '*';
  const runtimeArn = `arn:aws:bedrock-agentcore:${scope.region}:${scope.accountId}:runtime/${agentRuntimeId}`;
  return endpointName === undefined ? runtimeArn : `${runtimeArn}/runtime-endpoint/${endpointName}`;
}
