import { parseRuntimeId } from '../../runtimes/arns.ts';
import type { RuntimeEndpoints } from '../../runtimes/runtime-endpoints.ts';
import type { Operation } from '../operation.ts';
import { shownEndpoint } from './runtime-answers.ts';

export function getAgentRuntimeEndpoint({
  endpoints,
}: {
  readonly endpoints: Pick<RuntimeEndpoints, 'get'>;
}) {
  const operation: Operation<'GetAgentRuntimeEndpoint'> = async (input, { principal }) => {
    const id = parseRuntimeId(input.agentRuntimeId);
    const { runtime, endpoint } = await endpoints.get(principal, id, input.endpointName);
    return { ...shownEndpoint(runtime, endpoint), failureReason: endpoint.failureReason };
  };
  return operation;
}
