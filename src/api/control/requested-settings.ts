import { invalidField } from '../../shared/errors.ts';
import type { RequestedSettings } from '../../runtimes/version-settings.ts';
import type { CreateAgentRuntimeRequest, UpdateAgentRuntimeRequest } from '../model/generated/types.ts';
import { type IssuerProblem, requestedAuthorizer } from './jwt-authorizer-settings.ts';

/** What Create and Update ask of the new version. Throws `validation` for what Berth would otherwise ignore in silence. */
export function requestedSettings(
  input: CreateAgentRuntimeRequest | UpdateAgentRuntimeRequest,
  issuerProblem: IssuerProblem,
): RequestedSettings {
  refuseUnbuilt(input);
  const lifecycle = input.lifecycleConfiguration;
  const { platformVersion } = input;
  const metadataConfiguration = 'metadataConfiguration' in input ? input.metadataConfiguration : undefined;
  return {
    imageUri: imageUriOf(input),
    roleArn: input.roleArn,
    protocol: input.protocolConfiguration?.serverProtocol,
    description: input.description,
    environment: input.environmentVariables,
    idleTimeoutS: lifecycle?.idleRuntimeSessionTimeout,
    maxLifetimeS: lifecycle?.maxLifetime,
    headerAllowlist: input.requestHeaderConfiguration?.requestHeaderAllowlist,
    authorizer: requestedAuthorizer(input.authorizerConfiguration, issuerProblem),
    otherSettings: {
      ...(metadataConfiguration && { metadataConfiguration }),
      ...(platformVersion !== undefined && { platformVersion }),
    },
  };
}

/** Members whose meaning is not built: a runtime that was made without it would not be what the caller asked for. */
const unbuilt = {
  filesystemConfigurations:
    'Session storage and shared file systems are not built yet. Leave filesystemConfigurations out; every session has a writable disk that lives as long as its sandbox.',
  capacityProviderConfiguration:
    'Capacity providers are not built yet. Leave capacityProviderConfiguration out; sandboxes run on this server.',
  hooksConfiguration: 'Hooks are not built yet. Leave hooksConfiguration out.',
  allowedPorts:
    'Additional ports are not built yet. Leave allowedPorts out; the agent is reached on the port of its protocol.',
  resourceConfigurations: 'Resource configurations are not built yet. Leave resourceConfigurations out.',
} as const;

function refuseUnbuilt(input: CreateAgentRuntimeRequest | UpdateAgentRuntimeRequest): void {
  for (const [name, message] of Object.entries(unbuilt)) {
    const value: unknown = input[name as keyof typeof unbuilt];
    const isEmptyList = Array.isArray(value) && value.length === 0;
    if (value !== undefined && !isEmptyList) throw invalidField(name, message);
  }
  if (input.networkConfiguration?.networkMode === 'VPC') {
    throw invalidField(
      'networkConfiguration.networkMode',
      'The network mode VPC is not built: Berth has no subnets or security groups of AWS. Use PUBLIC; what sandboxes may reach is a setting of the server.',
    );
  }
  if (input.networkConfiguration?.networkModeConfig !== undefined) {
    throw invalidField(
      'networkConfiguration.networkModeConfig',
      'networkModeConfig belongs to the network mode VPC, which is not built. Leave it out.',
    );
  }
}

function imageUriOf(input: CreateAgentRuntimeRequest | UpdateAgentRuntimeRequest): string {
  const image = input.agentRuntimeArtifact.containerConfiguration;
  if (image !== undefined) return image.containerUri;
  throw invalidField(
    'agentRuntimeArtifact.codeConfiguration',
    'codeConfiguration (a code archive in S3, run in a managed language runtime) is not built yet. Put the code into a container image, push it to this server, and use containerConfiguration.',
  );
}
