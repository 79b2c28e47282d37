import type { RuntimeVersion } from '../../runtimes/runtime.ts';
import type { VersionNetwork } from '../../runtimes/version-network.ts';
import { invalidField } from '../../shared/errors.ts';
import type { NetworkConfiguration } from '../model/generated/types.ts';

/** Why this server has no such network, or undefined. */
export type NetworkProblem = (network: VersionNetwork) => string | undefined;

/** Undefined: PUBLIC. Throws `validation` for ids that the operator has not named. */
export function requestedNetwork(
  configuration: NetworkConfiguration | undefined,
  networkProblem: NetworkProblem,
): VersionNetwork | undefined {
  const config = configuration?.networkModeConfig;
  if (configuration?.networkMode !== 'VPC') {
    if (config === undefined) return undefined;
    throw invalidField(
      'networkConfiguration.networkModeConfig',
      'networkModeConfig belongs to the network mode VPC. Leave it out, or set networkMode to VPC.',
    );
  }
  if (config === undefined) {
    throw invalidField(
      'networkConfiguration.networkModeConfig',
      'The network mode VPC needs networkModeConfig with subnets and securityGroups.',
    );
  }
  if (config.requireServiceS3Endpoint === true) {
    throw invalidField(
      'networkConfiguration.networkModeConfig.requireServiceS3Endpoint',
      'Berth has no S3 endpoint to put into a network. Leave requireServiceS3Endpoint out.',
    );
  }
  const network = { subnets: config.subnets, securityGroups: config.securityGroups };
  const problem = networkProblem(network);
  if (problem !== undefined) throw invalidField('networkConfiguration.networkModeConfig', problem);
  return network;
}

/** As GetAgentRuntime answers it. */
export function shownNetwork({ network }: Pick<RuntimeVersion, 'network'>): NetworkConfiguration {
  return network === undefined
    ? { networkMode: 'PUBLIC' }
    : { networkMode: 'VPC', networkModeConfig: network };
}
