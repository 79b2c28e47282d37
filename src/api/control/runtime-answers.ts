import { endpointArn, runtimeArn, workloadIdentityArn } from '../../runtimes/arns.ts';
import { isBeingDeleted } from '../../runtimes/require-runtime.ts';
import type { Runtime, RuntimeEndpoint, RuntimeVersion } from '../../runtimes/runtime.ts';
import type { VersionedRuntime } from '../../runtimes/runtimes.ts';
import type {
  AgentRuntime,
  AgentRuntimeEndpoint,
  GetAgentRuntimeResponse,
  LifecycleConfiguration,
} from '../model/generated/types.ts';
import { shownAuthorizer } from './jwt-authorizer-settings.ts';
import { shownNetwork } from './network-settings.ts';

/** What Create and Update answer alike. */
export function changedRuntime({ runtime, version }: VersionedRuntime) {
  return {
    agentRuntimeArn: runtimeArn(runtime, runtime.id),
    agentRuntimeId: runtime.id,
    agentRuntimeVersion: String(version.version),
    createdAt: new Date(runtime.createdAtMs),
    status: statusOf(runtime, version),
    workloadIdentityDetails: identityOf(runtime),
  };
}

export function shownRuntime({ runtime, version }: VersionedRuntime): GetAgentRuntimeResponse {
  const { otherSettings, headerAllowlist } = version;
  const failureReason = isBeingDeleted(runtime.status) ? runtime.failureReason : version.failureReason;
  return {
    ...changedRuntime({ runtime, version }),
    agentRuntimeName: runtime.name,
    lastUpdatedAt: lastUpdatedAt(runtime, version),
    roleArn: version.roleArn,
    lifecycleConfiguration: lifecycleOf(version),
    networkConfiguration: shownNetwork(version),
    failureReason,
    description: version.description,
    agentRuntimeArtifact: { containerConfiguration: { containerUri: version.artifact.uri } },
    protocolConfiguration: { serverProtocol: version.protocol },
    environmentVariables: version.environment,
    requestHeaderConfiguration:
      headerAllowlist.length > 0 ? { requestHeaderAllowlist: headerAllowlist } : undefined,
    filesystemConfigurations:
      version.sessionStoragePath === undefined
        ? undefined
        : [{ sessionStorage: { mountPath: version.sessionStoragePath } }],
    authorizerConfiguration: shownAuthorizer(version.authorizer),
    ...otherSettings,
  };
}

/** An item of ListAgentRuntimes and of ListAgentRuntimeVersions. */
export function listedRuntime({ runtime, version }: VersionedRuntime): AgentRuntime {
  return {
    agentRuntimeArn: runtimeArn(runtime, runtime.id),
    agentRuntimeId: runtime.id,
    agentRuntimeVersion: String(version.version),
    agentRuntimeName: runtime.name,
    // Always present in the model, also where the caller gave none.
    description: version.description ?? '',
    lastUpdatedAt: lastUpdatedAt(runtime, version),
    status: statusOf(runtime, version),
  };
}

/** What Create, Get, Update and List of endpoints answer alike; each adds its own names. */
export function commonOfEndpoint(runtime: Runtime, endpoint: RuntimeEndpoint) {
  return {
    agentRuntimeEndpointArn: endpointArn(runtime, runtime.id, endpoint.name),
    agentRuntimeArn: runtimeArn(runtime, runtime.id),
    status: endpoint.status,
    createdAt: new Date(endpoint.createdAtMs),
    targetVersion: String(endpoint.targetVersion),
  };
}

/** An item of ListAgentRuntimeEndpoints; Get answers the same and the failure reason. */
export function shownEndpoint(runtime: Runtime, endpoint: RuntimeEndpoint): AgentRuntimeEndpoint {
  return {
    ...commonOfEndpoint(runtime, endpoint),
    name: endpoint.name,
    id: runtime.id,
    liveVersion: liveVersionOf(endpoint),
    description: endpoint.description,
    lastUpdatedAt: new Date(endpoint.lastUpdatedAtMs),
  };
}

export function liveVersionOf(endpoint: RuntimeEndpoint): string | undefined {
  return endpoint.liveVersion === undefined ? undefined : String(endpoint.liveVersion);
}

function statusOf(runtime: Runtime, version: RuntimeVersion) {
  return isBeingDeleted(runtime.status) ? runtime.status : version.status;
}

function lastUpdatedAt(runtime: Runtime, version: RuntimeVersion): Date {
  const isNewest = version.version === runtime.newestVersion;
  return new Date(isNewest ? runtime.lastUpdatedAtMs : version.lastUpdatedAtMs);
}

function lifecycleOf(version: RuntimeVersion): LifecycleConfiguration {
  return { idleRuntimeSessionTimeout: version.idleTimeoutS, maxLifetime: version.maxLifetimeS };
}

function identityOf(runtime: Runtime) {
  return { workloadIdentityArn: workloadIdentityArn(runtime, runtime.workloadIdentityName) };
}
