import type { RuntimeId, AccountId } from '../shared/ids.ts';
import type { RuntimeEndpointRow, RuntimeRow, RuntimeVersionRow } from '../storage/tables.ts';
import type {
  Artifact,
  LifecycleStatus,
  Runtime,
  RuntimeEndpoint,
  RuntimeVersion,
  ServerProtocol,
} from './runtime.ts';

/** Between rows and the domain. What this server wrote is trusted when it is read back. */
export function toRuntime(row: RuntimeRow): Runtime {
  return {
    accountId: row.account_id as AccountId,
    region: row.region,
    id: row.runtime_id as RuntimeId,
    name: row.name,
    status: row.status as LifecycleStatus,
    failureReason: row.failure_reason ?? undefined,
    newestVersion: row.newest_version,
    servedVersion: row.served_version ?? undefined,
    workloadIdentityName: row.workload_identity_name,
    createdAtMs: row.created_at,
    lastUpdatedAtMs: row.last_updated_at,
  };
}

export function fromRuntime(runtime: Runtime): RuntimeRow {
  return {
    account_id: runtime.accountId,
    region: runtime.region,
    runtime_id: runtime.id,
    name: runtime.name,
    status: runtime.status,
    failure_reason: runtime.failureReason ?? null,
    newest_version: runtime.newestVersion,
    served_version: runtime.servedVersion ?? null,
    workload_identity_name: runtime.workloadIdentityName,
    created_at: runtime.createdAtMs,
    last_updated_at: runtime.lastUpdatedAtMs,
  };
}

type Settings = Pick<
  RuntimeVersion,
  | 'roleArn'
  | 'description'
  | 'environment'
  | 'idleTimeoutS'
  | 'maxLifetimeS'
  | 'headerAllowlist'
  | 'authorizer'
  | 'sessionStoragePath'
  | 'network'
  | 'otherSettings'
>;

export function toVersion(row: RuntimeVersionRow): RuntimeVersion {
  const settings = JSON.parse(row.settings_json) as Settings;
  const artifact = JSON.parse(row.artifact_json) as Omit<Artifact, 'manifest'>;
  return {
    ...settings,
    description: settings.description,
    authorizer: settings.authorizer,
    sessionStoragePath: settings.sessionStoragePath,
    network: settings.network,
    runtimeId: row.runtime_id as RuntimeId,
    version: row.version,
    status: row.status as LifecycleStatus,
    failureReason: row.failure_reason ?? undefined,
    artifact: { ...artifact, manifest: row.manifest ?? undefined },
    protocol: row.protocol as ServerProtocol,
    createdAtMs: row.created_at,
    lastUpdatedAtMs: row.last_updated_at,
  };
}

export function fromVersion(version: RuntimeVersion): RuntimeVersionRow {
  const settings: Settings = {
    roleArn: version.roleArn,
    description: version.description,
    environment: version.environment,
    idleTimeoutS: version.idleTimeoutS,
    maxLifetimeS: version.maxLifetimeS,
    headerAllowlist: version.headerAllowlist,
    authorizer: version.authorizer,
    sessionStoragePath: version.sessionStoragePath,
    network: version.network,
    otherSettings: version.otherSettings,
  };
  const { manifest, ...artifact } = version.artifact;
  return {
    runtime_id: version.runtimeId,
    version: version.version,
    status: version.status,
    failure_reason: version.failureReason ?? null,
    artifact_json: JSON.stringify(artifact),
    manifest: manifest ?? null,
    protocol: version.protocol,
    settings_json: JSON.stringify(settings),
    created_at: version.createdAtMs,
    last_updated_at: version.lastUpdatedAtMs,
  };
}

export function toEndpoint(row: RuntimeEndpointRow): RuntimeEndpoint {
  return {
    runtimeId: row.runtime_id as RuntimeId,
    name: row.name,
    status: row.status as LifecycleStatus,
    failureReason: row.failure_reason ?? undefined,
    liveVersion: row.live_version ?? undefined,
    targetVersion: row.target_version,
    description: row.description ?? undefined,
    createdAtMs: row.created_at,
    lastUpdatedAtMs: row.last_updated_at,
  };
}

export function fromEndpoint(endpoint: RuntimeEndpoint): RuntimeEndpointRow {
  return {
    runtime_id: endpoint.runtimeId,
    name: endpoint.name,
    status: endpoint.status,
    failure_reason: endpoint.failureReason ?? null,
    live_version: endpoint.liveVersion ?? null,
    target_version: endpoint.targetVersion,
    description: endpoint.description ?? null,
    created_at: endpoint.createdAtMs,
    last_updated_at: endpoint.lastUpdatedAtMs,
  };
}
