import { parseRuntimeId } from '../../runtimes/arns.ts';
import type { Runtimes } from '../../runtimes/runtimes.ts';
import type { Operation } from '../operation.ts';
import { requestedSettings, type SettingProblems } from './requested-settings.ts';
import { changedRuntime } from './runtime-answers.ts';

export interface UpdateAgentRuntimeParts extends SettingProblems {
  readonly runtimes: Pick<Runtimes, 'update'>;
}

export function updateAgentRuntime({ runtimes, ...problems }: UpdateAgentRuntimeParts) {
  const operation: Operation<'UpdateAgentRuntime'> = async (input, { principal }) => {
    const id = parseRuntimeId(input.agentRuntimeId);
    const updated = await runtimes.update(principal, id, requestedSettings(input, problems));
    return { ...changedRuntime(updated), lastUpdatedAt: new Date(updated.runtime.lastUpdatedAtMs) };
  };
  return operation;
}
