import type { AccountId } from '../shared/ids.ts';
import type { TelemetryConfig } from './telemetry-config.ts';
import type { TransitConfig } from './transit-config.ts';

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
  /** Calls that run during an upgrade have this time in the old server. */
  readonly upgradeTimeoutMs: number;
  /** Of one image, as its registry stores it. */
  readonly maxImageBytes: number;
  /** Docker's config.json, for log-ins at other registries; need not exist. */
  readonly dockerConfigFile: string;
  /** Folders with the mirrors and certificates of registries, absolute; need not exist. */
  readonly registryFolders: readonly string[];
  /** Percent of the disk in use. */
  readonly imageStore: { readonly high: number; readonly low: number };
  readonly engine: {
    /** Socket of a containerd to use instead of a private one. */
    readonly containerdSocket: string | undefined;
    /** `auto`, `system`, or an absolute path. */
    readonly programs: string;
    readonly isolation: string;
    /** Of further isolations, absolute. */
    readonly isolationsFile: string | undefined;
    readonly userNamespaces: 'auto' | 'off';
    /** Whether eStargz images may start before they are here; `on` warns where they cannot. */
    readonly lazyImages: 'auto' | 'on' | 'off';
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
  readonly sessionStorage: {
    readonly sizeBytes: number;
    /** How long it is kept after its last use. */
    readonly keepMs: number;
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
    /** Subnets and security groups of the network mode VPC. */
    readonly networksFile: string | undefined;
  };
  /** Origins of token issuers that may be in private networks or without TLS, as `URL.origin` writes them. */
  readonly privateIssuers: readonly string[];
  /** `iss` of tokens by the discovery URL of their issuer, where it is not what that URL belongs to. */
  readonly issuerNames: ReadonlyMap<string, string>;
  /** Of secrets that the user keeps: files `NAME.json`, absolute. */
  readonly secretsFolder: string | undefined;
  /** Discovery URLs. */
  readonly userTokenIssuers: readonly string[];
  readonly quotas: {
    readonly runtimes: number;
    readonly versionsPerRuntime: number;
    readonly endpointsPerRuntime: number;
    readonly activeSessions: number;
    readonly pooledSandboxes: number;
    readonly workloadIdentities: number;
    readonly oauthProviders: number;
    readonly apiKeyProviders: number;
    /** Secrets of providers that the vault keeps. */
    readonly managedSecrets: number;
    /** Per second; 0 is off. */
    readonly invocationRate: number;
    readonly newSessionRate: number;
    readonly controlMutationRate: number;
    readonly controlGetRate: number;
    readonly controlListRate: number;
    readonly identityControlRate: number;
    readonly identityReadRate: number;
    readonly identityCompletionRate: number;
  };
  /** What is kept of each kind of entry of the audit log. */
  readonly audit: { readonly entries: number; readonly ageMs: number | undefined };
  readonly sessions: {
    /** AWS's observed behaviour: HealthyBusy stops the idle clock only while `time_of_last_update` moves. */
    readonly strictBusy: boolean;
    readonly pingIntervalMs: number;
  };
  /** Undefined: the server itself keeps the vault's key. */
  readonly transit: TransitConfig | undefined;
  /** Undefined: nothing is exported. */
  readonly telemetry: TelemetryConfig | undefined;
}
