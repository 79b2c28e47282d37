import type { Runtimes } from '../../runtimes/runtimes.ts';
import type { Operation } from '../operation.ts';
import { newTags } from './new-tags.ts';
import { requestedSettings } from './requested-settings.ts';
import { changedRuntime } from './runtime-answers.ts';

export function createAgentRuntime({ runtimes }: { readonly runtimes: Pick<Runtimes, 'create'> }) {
  const operation: Operation<'CreateAgentRuntime'> = async (input, { principal }) => {
    const created = await runtimes.create(principal, {
      name: input.agentRuntimeName,
      settings: requestedSettings(input),
      tags: newTags(input.tags),
    });
    return changedRuntime(created);
  };
  return operation;
}
