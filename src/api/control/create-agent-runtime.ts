import { networkProblem } from '../../runtimes/egress-option.ts';
import type { Runtimes } from '../../runtimes/runtimes.ts';
import { parseSandboxOptions } from '../../runtimes/sandbox-options.ts';
import { invalidField } from '../../shared/errors.ts';
import type { Operation } from '../operation.ts';
import { newRuntimeTags, type OptionProblem, requireSensible } from './new-tags.ts';
import { requestedSettings, type SettingProblems } from './requested-settings.ts';
import { changedRuntime } from './runtime-answers.ts';

export interface CreateAgentRuntimeParts extends SettingProblems {
  readonly runtimes: Pick<Runtimes, 'create'>;
  readonly optionProblem: OptionProblem;
}

export function createAgentRuntime({ runtimes, optionProblem, ...problems }: CreateAgentRuntimeParts) {
  const operation: Operation<'CreateAgentRuntime'> = async (input, { principal }) => {
    const settings = requestedSettings(input, problems);
    const tags = newRuntimeTags(input.tags, optionProblem);
    requireSensible(tags);
    const conflict = networkProblem(parseSandboxOptions(tags), settings.network);
    if (conflict !== undefined) throw invalidField('tags', conflict);
    const created = await runtimes.create(principal, { name: input.agentRuntimeName, settings, tags });
    return changedRuntime(created);
  };
  return operation;
}
