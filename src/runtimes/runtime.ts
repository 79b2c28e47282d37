import type { RuntimeId, Scope } from '../shared/ids.ts';
import type { JwtAuthorizer } from '../shared/jwt-authorizer.ts';
import type { SandboxOptions } from './sandbox-options.ts';
import type { VersionNetwork } from './version-network.ts';

export type LifecycleStatus =
  | 'CREATING'
  | 'CREATE_FAILED'
  | 'UPDATING'
  | 'UPDATE_FAILED'
  | 'READY'
  | 'DELETING'
  | 'DELETE_FAILED';

export type ServerProtocol = 'HTTP' | 'MCP' | 'A2A' | 'AGUI';

/** Container port of each protocol (contract 4.1). */
export const protocolPorts: Readonly<Record<ServerProtocol, number>> = {
  HTTP: 8080,
  AGUI: 8080,
  MCP: 8000,
  A2A: 9000,
};

/** Path of each protocol's invocations in the container (contract 4.1). */
export const protocolPaths: Readonly<Record<ServerProtocol, string>> = {
  HTTP: '/invocations',
  AGUI: '/invocations',
  MCP: '/mcp',
  A2A: '/',
};

/** The name that follows the newest version by itself. */
export const defaultEndpointName = 'DEFAULT';

export interface Runtime extends Scope {
  readonly id: RuntimeId;
  readonly name: string;
  readonly status: LifecycleStatus;
  readonly failureReason: string | undefined;
  /** The version that Get answers without `version`. */
  readonly newestVersion: number;
  /** The newest version that became READY: what DEFAULT serves. */
  readonly servedVersion: number | undefined;
  readonly workloadIdentityName: string;
  readonly createdAtMs: number;
  readonly lastUpdatedAtMs: number;
}

/** The name of the workload identity that is made with a runtime, and goes with it. */
export function workloadNameOf(id: RuntimeId): string {
  return id;
}

/** What a version runs; a code archive will be another kind. */
export type Artifact = {
  readonly kind: 'container';
  readonly uri: string;
  readonly manifest: string | undefined;
};

/** One immutable snapshot of a runtime's settings. */
export interface RuntimeVersion {
  readonly runtimeId: RuntimeId;
  readonly version: number;
  readonly status: LifecycleStatus;
  readonly failureReason: string | undefined;
  readonly artifact: Artifact;
  readonly protocol: ServerProtocol;
  readonly roleArn: string;
  readonly description: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly idleTimeoutS: number;
  readonly maxLifetimeS: number;
  readonly headerAllowlist: readonly string[];
  /** Its callers prove themselves with bearer tokens; undefined: with AWS signatures. */
  readonly authorizer: JwtAuthorizer | undefined;
  /** Where a session's storage is mounted, as the caller wrote it; undefined: sessions have none. */
  readonly sessionStoragePath: string | undefined;
  /** Of the network mode VPC; undefined: PUBLIC. */
  readonly network: VersionNetwork | undefined;
  /** Settings that are kept and answered but mean nothing to Berth yet, by their model names. */
  readonly otherSettings: Readonly<Record<string, unknown>>;
  readonly createdAtMs: number;
  readonly lastUpdatedAtMs: number;
}

export interface RuntimeEndpoint {
  readonly runtimeId: RuntimeId;
  readonly name: string;
  readonly status: LifecycleStatus;
  readonly failureReason: string | undefined;
  readonly liveVersion: number | undefined;
  readonly targetVersion: number;
  readonly description: string | undefined;
  readonly createdAtMs: number;
  readonly lastUpdatedAtMs: number;
}

/** What an invocation needs to know: which version a qualifier means now. */
export interface InvocationTarget {
  readonly runtime: Runtime;
  readonly endpoint: RuntimeEndpoint;
  /** The endpoint's live version; READY. */
  readonly version: RuntimeVersion;
}

export interface InvocationTargets {
  /**
   * Rejects with `not-found` for an unknown runtime or endpoint and for a runtime that is being deleted, with `validation`
   * when the endpoint has no live version yet.
   */
  find(scope: Scope, runtimeId: RuntimeId, endpointName: string): Promise<InvocationTarget>;
  /** A version of a live session, whatever endpoints say now. */
  findVersion(runtimeId: RuntimeId, version: number): Promise<RuntimeVersion | undefined>;
  /** What the runtime's tags say now of its sandboxes; nothing for an unknown runtime. */
  findOptions(runtimeId: RuntimeId): Promise<SandboxOptions>;
}
