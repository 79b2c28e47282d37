import { allowListOf, networkProblem } from '../runtimes/egress-option.ts';
import type { RuntimeVersion } from '../runtimes/runtime.ts';
import type { SandboxOptions } from '../runtimes/sandbox-options.ts';
import type { VersionNetwork } from '../runtimes/version-network.ts';
import type { EgressPolicy } from '../sandboxes/egress-policy.ts';
import { BerthError } from '../shared/errors.ts';

/**
 * What a sandbox of the version may reach. The network mode is the version's, the options are the runtime's, so they can come
 * to contradict each other: then nothing is started (`validation`). `networkOf` throws for ids that are not known any more.
 */
export function chosenEgress(
  options: SandboxOptions,
  { network }: Pick<RuntimeVersion, 'network'>,
  networkOf: (network: VersionNetwork) => EgressPolicy,
): EgressPolicy {
  const problem = networkProblem(options, network);
  if (problem !== undefined) throw new BerthError('validation', problem);
  if (options.egress === 'off') return { kind: 'off' };
  if (network !== undefined) return networkOf(network);
  if (options.egress === 'on') return { kind: 'on' };
  const destinations = allowListOf(options);
  return destinations === undefined ? { kind: 'default' } : { kind: 'allow-list', destinations };
}
