import { parseRuntimeId } from '../../runtimes/arns.ts';
import type { Runtimes } from '../../runtimes/runtimes.ts';
import type { Operation } from '../operation.ts';
import { shownRuntime } from './runtime-answers.ts';
import { versionNumber } from './version-number.ts';

export function getAgentRuntime({ runtimes }: { readonly runtimes: Pick<Runtimes, 'get'> }) {
  const operation: Operation<'GetAgentRuntime'> = async (input, { principal }) => {
    const id = parseRuntimeId(input.agentRuntimeId);
    return shownRuntime(await runtimes.get(principal, id, versionNumber(input.agentRuntimeVersion)));
  };
  return operation;
}
