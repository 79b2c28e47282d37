import { parseRuntimeId } from '../../runtimes/arns.ts';
import type { Runtimes } from '../../runtimes/runtimes.ts';
import type { Operation } from '../operation.ts';
import { versionNumber } from './version-number.ts';

export function deleteAgentRuntime({
  runtimes,
}: {
  readonly runtimes: Pick<Runtimes, 'delete' | 'deleteVersion'>;
}) {
  const operation: Operation<'DeleteAgentRuntime'> = async (input, { principal }) => {
    const id = parseRuntimeId(input.agentRuntimeId);
    const version = versionNumber(input.agentRuntimeVersion);
    if (version === undefined) {
      const { status } = await runtimes.delete(principal, id);
      return { status, agentRuntimeId: id };
    }
    const { status } = await runtimes.deleteVersion(principal, id, version);
    return { status, agentRuntimeId: id, agentRuntimeVersion: String(version) };
  };
  return operation;
}
