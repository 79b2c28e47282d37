import { invalidField } from '../../shared/errors.ts';
import type { RequestedSettings } from '../../runtimes/version-settings.ts';
import type { CreateAgentRuntimeRequest, UpdateAgentRuntimeRequest } from '../model/generated/types.ts';
import { requestedSessionStorage } from './requested-session-storage.ts';
import { type IssuerProblem, requestedAuthorizer } from './jwt-authorizer-settings.ts';
import { type NetworkProblem, requestedNetwork } from './network-settings.ts';

/** What this server cannot do of what a caller asks. */
export interface SettingProblems {
  readonly issuerProblem: IssuerProblem;
  readonly networkProblem: NetworkProblem;
}

/** What Create and Update ask of the new version. Throws `validation` for what Berth would otherwise ignore in silence. */
export function requestedSettings(
  input: CreateAgentRuntimeRequest | UpdateAgentRuntimeRequest,
  { issuerProblem, networkProblem }: SettingProblems,
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
    sessionStoragePath: requestedSessionStorage(input.filesystemConfigurations),
    network: requestedNetwork(input.networkConfiguration, networkProblem),
    otherSettings: {
      ...(metadataConfiguration && { metadataConfiguration }),
      ...(platformVersion !== undefined && { platformVersion }),
    },
  };
}

/** Members whose meaning is not built: a runtime that was made without it would not be what the caller asked for. */
const unbuilt = {
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
}

function imageUriOf(input: CreateAgentRuntimeRequest | UpdateAgentRuntimeRequest): string {
  const image = input.agentRuntimeArtifact.containerConfiguration;
  if (image !== undefined) return image.containerUri;
  throw invalidField(
    'agentRuntimeArtifact.codeConfiguration',
    'codeConfiguration (a code archive in S3, run in a managed language runtime) is not built yet. Put the code into a container image, push it to this server, and use containerConfiguration.',
  );
}
