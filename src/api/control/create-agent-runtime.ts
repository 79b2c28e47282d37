import type { Runtimes } from '../../runtimes/runtimes.ts';
import type { Operation } from '../operation.ts';
import { newTags } from './new-tags.ts';
import type { IssuerProblem } from './jwt-authorizer-settings.ts';
import { requestedSettings } from './requested-settings.ts';
import { changedRuntime } from './runtime-answers.ts';

export function createAgentRuntime({
  runtimes,
  issuerProblem,
}: {
  readonly runtimes: Pick<Runtimes, 'create'>;
  readonly issuerProblem: IssuerProblem;
}) {
  const operation: Operation<'CreateAgentRuntime'> = async (input, { principal }) => {
    const created = await runtimes.create(principal, {
      name: input.agentRuntimeName,
      settings: requestedSettings(input, issuerProblem),
      tags: newTags(input.tags),
    });
    return changedRuntime(created);
  };
  return operation;
}
