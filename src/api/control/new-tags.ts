import { checkWorkloadsTag, isProviderOption } from '../../identity/providers/provider-workloads.ts';
import { egressProblem } from '../../runtimes/egress-option.ts';
import {
  isOptionTag,
  optionTagPrefix,
  parseSandboxOptions,
  type SandboxOptions,
} from '../../runtimes/sandbox-options.ts';
import { invalidField } from '../../shared/errors.ts';

type Tags = Readonly<Record<string, string>>;

/** Why options cannot be met on this server, or undefined. */
export type OptionProblem = (options: SandboxOptions) => string | undefined;

/** The tags of a request; the keys that AWS keeps for itself are refused, and so are options of sandboxes. */
export function newTags(tags: Tags | undefined): Tags {
  const option = Object.keys(tags ?? {}).find(isOptionTag);
  if (option === undefined) return unreservedTags(tags);
  throw invalidField(
    'tags',
    `The tag key '${option}' is an option of a runtime's sandboxes ('${optionTagPrefix}'); only runtimes can have it.`,
  );
}

/** The same for a credential provider, whose tags may say which workloads may use it. */
export function newProviderTags(tags: Tags | undefined): Tags {
  const given = Object.entries(tags ?? {});
  newTags(Object.fromEntries(given.filter(([key]) => !isProviderOption(key))));
  checkWorkloadsTag(tags ?? {});
  return tags ?? {};
}

/** The same for a runtime, whose tags may hold options of its sandboxes. */
export function newRuntimeTags(tags: Tags | undefined, optionProblem: OptionProblem): Tags {
  const problem = optionProblem(parseSandboxOptions(tags ?? {}));
  if (problem !== undefined) throw invalidField('tags', problem);
  return unreservedTags(tags);
}

/** Of all tags that a runtime is to have: options that make no sense together are refused. */
export function requireSensible(tags: Tags): void {
  const problem = egressProblem(parseSandboxOptions(tags));
  if (problem !== undefined) throw invalidField('tags', problem);
}

/**
 * Of the tags that a runtime keeps when some are removed: options that could be met until then and cannot be without those are refused. What
 * could not be met before stands in nobody's way.
 */
export function requireNoNewProblem(before: Tags, left: Tags, optionProblem: OptionProblem): void {
  const problem = optionProblem(parseSandboxOptions(left));
  if (problem === undefined || isProblematic(before, optionProblem)) return;
  throw invalidField('tagKeys', `${problem} Or remove the option that needs it in the same call.`);
}

function isProblematic(tags: Tags, optionProblem: OptionProblem): boolean {
  try {
    return optionProblem(parseSandboxOptions(tags)) !== undefined;
  } catch {
    return true;
  }
}

function unreservedTags(tags: Tags | undefined): Tags {
  const reserved = Object.keys(tags ?? {}).find((key) => key.toLowerCase().startsWith('aws:'));
  if (reserved === undefined) return tags ?? {};
  throw invalidField(
    'tags',
    `The tag key '${reserved}' is reserved: keys that begin with 'aws:' cannot be set. Choose another key.`,
  );
}
