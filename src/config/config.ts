import type { AccountId } from '../shared/ids.ts';
import type { TelemetryConfig } from './telemetry-config.ts';

/** Every setting of a server, parsed. docs/configuration.md describes each with its environment variable and default. */
export interface Config {
  /** State directory, absolute. */
  readonly home: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Base of every URL in an answer, without a trailing slash; derived from `listen` when not set. */
  readonly publicUrl: string;
  /** Somebody said so; else callers may know the server by other names. */
  readonly isPublicUrlSet: boolean;
  /** Undefined: no TLS. */
  readonly tls:
    | {
        readonly listen: { readonly host: string; readonly port: number };
        /** A certificate of the user's own, absolute paths. */
        readonly own: { readonly certFile: string; readonly keyFile: string } | undefined;
      }
    | undefined;
  readonly region: string;
  readonly accountId: AccountId;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Running calls have this time when the server is stopped. */
  readonly drainTimeoutMs: number;
  /** Of one image, as its registry stores it. */
  readonly maxImageBytes: number;
  /** Docker's config.json, for log-ins at other registries; need not exist. */
  readonly dockerConfigFile: string;
  readonly engine: {
    /** Socket of a containerd to use instead of a private one. */
    readonly containerdSocket: string | undefined;
    readonly isolation: string;
  };
  readonly sandbox: {
    readonly memoryBytes: number;
    readonly cpus: number;
    readonly pids: number;
    readonly diskBytes: number;
    readonly startTimeoutMs: number;
    readonly stopGraceMs: number;
    readonly logMaxBytes: number;
  };
  readonly admission: {
    readonly startsInFlight: number;
    readonly queueLimit: number;
    readonly memoryReserveBytes: number;
  };
  readonly network: {
    readonly egress: boolean;
    /** Private ranges that sandboxes may reach although they are closed by default. */
    readonly allowedCidrs: readonly string[];
    /** Host ports reachable from sandboxes as host.berth.internal. */
    readonly allowedHostPorts: readonly number[];
    /** The bridge's range; when not set, a free one is chosen and remembered. */
    readonly subnet: string | undefined;
  };
  /** Origins of token issuers that may be in private networks or without TLS, as `URL.origin` writes them. */
  readonly privateIssuers: readonly string[];
  readonly quotas: {
    readonly runtimes: number;
    readonly versionsPerRuntime: number;
    readonly endpointsPerRuntime: number;
    readonly activeSessions: number;
    readonly workloadIdentities: number;
    /** Per second; 0 is off. */
    readonly invocationRate: number;
    readonly newSessionRate: number;
    readonly controlMutationRate: number;
    readonly controlGetRate: number;
    readonly controlListRate: number;
  };
  readonly sessions: {
    /** AWS's observed behaviour: HealthyBusy stops the idle clock only while `time_of_last_update` moves. */
    readonly strictBusy: boolean;
    readonly pingIntervalMs: number;
  };
  /** Undefined: nothing is exported. */
  readonly telemetry: TelemetryConfig | undefined;
}
