import { parseRuntimeId } from '../../runtimes/arns.ts';
import type { Runtimes } from '../../runtimes/runtimes.ts';
import type { Operation } from '../operation.ts';
import { requestedSettings } from './requested-settings.ts';
import { changedRuntime } from './runtime-answers.ts';

export function updateAgentRuntime({ runtimes }: { readonly runtimes: Pick<Runtimes, 'update'> }) {
  const operation: Operation<'UpdateAgentRuntime'> = async (input, { principal }) => {
    const id = parseRuntimeId(input.agentRuntimeId);
    const updated = await runtimes.update(principal, id, requestedSettings(input));
    return { ...changedRuntime(updated), lastUpdatedAt: new Date(updated.runtime.lastUpdatedAtMs) };
  };
  return operation;
}
