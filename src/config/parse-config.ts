import { BerthError } from '../shared/errors.ts';
import type { Config } from './config.ts';
import type { RawSettings } from './read-env.ts';
import type { Setting } from './setting.ts';
import type { Parsed, ValueOf } from './parsed-settings.ts';
import { settingNames, settings, type SettingName } from './settings.ts';
import { telemetryConfig } from './telemetry-config.ts';
import { transitConfig } from './transit-config.ts';

/** What limits of sandboxes are capped to, and what is found elsewhere than in settings. */
export interface Machine {
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Size of the file system that holds the home directory. */
  readonly diskBytes: number;
  /** Of the user who starts the server; need not exist. */
  readonly dockerConfigFile: string;
}

/** Throws `validation` with one line for every setting that is wrong: its name, its value and what was expected. */
export function parseConfig(raw: RawSettings, machine: Machine): Config {
  const parsed = parseSettings(raw);
  return {
    home: parsed.home,
    listen: parsed.listen,
    publicUrl: parsed.publicUrl ?? urlOf(parsed.listen),
    isPublicUrlSet: parsed.publicUrl !== undefined,
    tls: tlsOf(parsed),
    region: parsed.region,
    accountId: parsed.account,
    logLevel: parsed.logLevel,
    drainTimeoutMs: parsed.drainTimeout,
    upgradeTimeoutMs: parsed.upgradeTimeout,
    maxImageBytes: parsed.maxImageSize,
    dockerConfigFile: parsed.dockerConfig ?? machine.dockerConfigFile,
    registryFolders: parsed.registryCerts,
    imageStore: imageStoreOf(parsed),
    engine: {
      containerdSocket: parsed.containerdSocket,
      programs: parsed.engine,
      isolation: parsed.isolation,
      isolationsFile: parsed.isolationsFile,
      userNamespaces: parsed.userNamespaces,
      lazyImages: parsed.lazyImages,
    },
    sandbox: {
      memoryBytes: Math.min(parsed.sandboxMemory, machine.memoryBytes),
      cpus: Math.min(parsed.sandboxCpus, machine.cpus),
      pids: parsed.sandboxPids,
      diskBytes: Math.min(parsed.sandboxDisk, machine.diskBytes),
      startTimeoutMs: parsed.startTimeout,
      stopGraceMs: parsed.stopGrace,
      logMaxBytes: parsed.sandboxLogSize,
    },
    sessionStorage: { sizeBytes: parsed.sessionStorageSize, keepMs: parsed.sessionStorageKeep },
    admission: {
      startsInFlight:
        parsed.startsInFlight === 'auto' ? Math.max(2, 2 * machine.cpus) : parsed.startsInFlight,
      queueLimit: parsed.startQueue,
      memoryReserveBytes: parsed.memoryReserve,
    },
    network: {
      egress: parsed.egress,
      allowedCidrs: parsed.allowCidr,
      allowedHostPorts: parsed.allowHostPort,
      subnet: parsed.subnet,
      networksFile: parsed.networks,
    },
    privateIssuers: parsed.privateIssuer,
    secretsFolder: parsed.secretsFolder,
    issuerNames: parsed.issuerNames,
    userTokenIssuers: parsed.userTokenIssuers,
    quotas: {
      runtimes: parsed.maxRuntimes,
      versionsPerRuntime: parsed.maxVersions,
      endpointsPerRuntime: parsed.maxEndpoints,
      activeSessions: parsed.maxSessions,
      pooledSandboxes: parsed.maxPooledSandboxes,
      workloadIdentities: parsed.maxWorkloadIdentities,
      oauthProviders: parsed.maxOauthProviders,
      apiKeyProviders: parsed.maxApiKeyProviders,
      managedSecrets: parsed.maxManagedSecrets,
      invocationRate: parsed.invocationRate,
      newSessionRate: parsed.newSessionRate,
      controlMutationRate: parsed.mutationRate,
      controlGetRate: parsed.getRate,
      controlListRate: parsed.listRate,
      identityControlRate: parsed.identityControlRate,
      identityReadRate: parsed.identityReadRate,
      identityCompletionRate: parsed.identityCompletionRate,
    },
    audit: { entries: parsed.auditEntries, ageMs: parsed.auditAge },
    sessions: { strictBusy: parsed.strictBusy, pingIntervalMs: parsed.pingInterval },
    transit: transitConfig(parsed),
    telemetry: telemetryConfig(parsed),
  };
}

/** One setting's value, for commands that take it elsewhere than a server does. Throws `validation`. */
export function parseConfigValue<Name extends SettingName>(
  name: Name,
  text: string,
  source: string,
): ValueOf<Name> {
  const setting: Setting = settings[name];
  const result = setting.type.schema.safeParse(text);
  if (result.success) return result.data as ValueOf<Name>;
  throw new BerthError('validation', problemOf(setting, text, source));
}

function parseSettings(raw: RawSettings): Parsed {
  const problems: string[] = [];
  const parsed: Partial<Record<SettingName, unknown>> = {};
  for (const name of settingNames()) {
    const setting: Setting = settings[name];
    const given =
      raw.values[name] ??
      (setting.default === undefined ? undefined : { text: setting.default, source: 'default' });
    if (given === undefined) continue;
    const result = setting.type.schema.safeParse(given.text);
    if (result.success) parsed[name] = result.data;
    else problems.push(problemOf(setting, given.text, given.source));
  }
  if (problems.length > 0) throw new BerthError('validation', problems.join('\n'));
  return parsed as Parsed;
}

function imageStoreOf({ imageStoreHigh: high, imageStoreLow: low }: Parsed): Config['imageStore'] {
  if (low <= high) return { high, low };
  throw new BerthError(
    'validation',
    `BERTH_IMAGE_STORE_LOW is '${low}%', above BERTH_IMAGE_STORE_HIGH, which is '${high}%': expected the lower share.`,
  );
}

function tlsOf({ tls, tlsListen, tlsCert, tlsKey }: Parsed): Config['tls'] {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    const [given, missing] = tlsKey === undefined ? ['CERT', 'KEY'] : ['KEY', 'CERT'];
    throw new BerthError(
      'validation',
      `BERTH_TLS_${given} is set, but BERTH_TLS_${missing} is not: a certificate is used with its key.`,
    );
  }
  if (!tls && tlsCert !== undefined)
    throw new BerthError('validation', 'BERTH_TLS_CERT is set, but TLS is off: add --tls or BERTH_TLS=on.');
  if (!tls) return undefined;
  const own =
    tlsCert !== undefined && tlsKey !== undefined ? { certFile: tlsCert, keyFile: tlsKey } : undefined;
  return { listen: tlsListen, own };
}

function problemOf(setting: Setting, text: string, source: string): string {
  const problem = setting.isSecret === true ? 'has the wrong form' : `is '${text}'`;
  return `${source} ${problem}: expected ${setting.type.expected}.`;
}

function urlOf({ host, port }: Config['listen']): string {
  // A wildcard address is no address to call; whoever listens on one for others sets BERTH_PUBLIC_URL.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
