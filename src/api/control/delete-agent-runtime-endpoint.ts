import { parseRuntimeId } from '../../runtimes/arns.ts';
import type { RuntimeEndpoints } from '../../runtimes/runtime-endpoints.ts';
import type { Operation } from '../operation.ts';

export function deleteAgentRuntimeEndpoint({
  endpoints,
}: {
  readonly endpoints: Pick<RuntimeEndpoints, 'delete'>;
}) {
  const operation: Operation<'DeleteAgentRuntimeEndpoint'> = async (input, { principal }) => {
    const id = parseRuntimeId(input.agentRuntimeId);
    await endpoints.delete(principal, id, input.endpointName);
    return { status: 'DELETING', agentRuntimeId: id, endpointName: input.endpointName };
  };
  return operation;
}
