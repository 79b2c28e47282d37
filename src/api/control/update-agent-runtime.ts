import { parseRuntimeId } from '../../runtimes/arns.ts';
import type { Runtimes } from '../../runtimes/runtimes.ts';
import type { Operation } from '../operation.ts';
import type { IssuerProblem } from './jwt-authorizer-settings.ts';
import { requestedSettings } from './requested-settings.ts';
import { changedRuntime } from './runtime-answers.ts';

export function updateAgentRuntime({
  runtimes,
  issuerProblem,
}: {
  readonly runtimes: Pick<Runtimes, 'update'>;
  readonly issuerProblem: IssuerProblem;
}) {
  const operation: Operation<'UpdateAgentRuntime'> = async (input, { principal }) => {
    const id = parseRuntimeId(input.agentRuntimeId);
    const updated = await runtimes.update(principal, id, requestedSettings(input, issuerProblem));
    return { ...changedRuntime(updated), lastUpdatedAt: new Date(updated.runtime.lastUpdatedAtMs) };
  };
  return operation;
}
