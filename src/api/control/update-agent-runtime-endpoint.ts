import { parseRuntimeId } from '../../runtimes/arns.ts';
import type { RuntimeEndpoints } from '../../runtimes/runtime-endpoints.ts';
import type { Operation } from '../operation.ts';
import { commonOfEndpoint, liveVersionOf } from './runtime-answers.ts';
import { versionNumber } from './version-number.ts';

export function updateAgentRuntimeEndpoint({
  endpoints,
}: {
  readonly endpoints: Pick<RuntimeEndpoints, 'update'>;
}) {
  const operation: Operation<'UpdateAgentRuntimeEndpoint'> = async (input, { principal }) => {
    const id = parseRuntimeId(input.agentRuntimeId);
    const { runtime, endpoint } = await endpoints.update(principal, id, input.endpointName, {
      version: versionNumber(input.agentRuntimeVersion),
      description: input.description,
    });
    return {
      ...commonOfEndpoint(runtime, endpoint),
      liveVersion: liveVersionOf(endpoint),
      lastUpdatedAt: new Date(endpoint.lastUpdatedAtMs),
    };
  };
  return operation;
}
