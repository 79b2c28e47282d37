import { workloadIdentityArn } from '../runtimes/arns.ts';
import type { Scope } from '../shared/ids.ts';
import type { OperationInputs } from './model/generated/types.ts';

/** The ARN of what a request's path names, for authorisation; '*' when it names nothing that has one. */
export function resourceOf(labels: Readonly<Record<string, string>>, scope: Scope): string {
  const named = Object.values(labels).find((label) => label.startsWith('arn:'));
  if (named !== undefined) return named;
  const { agentRuntimeId, endpointName } = labels;
  if (agentRuntimeId === undefined) return '*';
  const runtimeArn = `arn:aws:bedrock-agentcore:${scope.region}:${scope.accountId}:runtime/${agentRuntimeId}`;
  return endpointName === undefined ? runtimeArn : `${runtimeArn}/runtime-endpoint/${endpointName}`;
}

type InputResources = {
  readonly [Name in keyof OperationInputs]?: (input: OperationInputs[Name], scope: Scope) => string;
};

/** Operations whose resource is named in their body: they are authorised once that is read. */
const inputResources: InputResources = {
  GetWorkloadAccessToken: ofWorkload,
  GetWorkloadAccessTokenForJWT: ofWorkload,
  GetWorkloadAccessTokenForUserId: ofWorkload,
};

/** How to tell the resource of an operation from its input; undefined when its path says it. */
export function inputResourceOf(
  name: keyof OperationInputs,
): ((input: Readonly<Record<string, unknown>>, scope: Scope) => string) | undefined {
  // As where operations meet their input: parseInput has checked it against the same model as the types.
  return inputResources[name] as ReturnType<typeof inputResourceOf>;
}

function ofWorkload({ workloadName }: { readonly workloadName: string }, scope: Scope): string {
  return workloadIdentityArn(scope, workloadName);
}
