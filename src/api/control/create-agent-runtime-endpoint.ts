import { parseRuntimeId } from '../../runtimes/arns.ts';
import type { RuntimeEndpoints } from '../../runtimes/runtime-endpoints.ts';
import type { Operation } from '../operation.ts';
import { newTags } from './new-tags.ts';
import { commonOfEndpoint } from './runtime-answers.ts';
import { versionNumber } from './version-number.ts';

export function createAgentRuntimeEndpoint({
  endpoints,
}: {
  readonly endpoints: Pick<RuntimeEndpoints, 'create'>;
}) {
  const operation: Operation<'CreateAgentRuntimeEndpoint'> = async (input, { principal }) => {
    const { runtime, endpoint } = await endpoints.create(principal, parseRuntimeId(input.agentRuntimeId), {
      name: input.name,
      version: versionNumber(input.agentRuntimeVersion),
      description: input.description,
      tags: newTags(input.tags),
    });
    return {
      ...commonOfEndpoint(runtime, endpoint),
      agentRuntimeId: runtime.id,
      endpointName: endpoint.name,
    };
  };
  return operation;
}
