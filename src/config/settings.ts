import { imageSettings } from './image-settings.ts';
import { quotaSettings } from './quota-settings.ts';
import { issuerSettings } from './issuer-settings.ts';
import type { Setting } from './setting.ts';
import { telemetrySettings } from './telemetry-settings.ts';
import { transitSettings } from './transit-settings.ts';
import {
  absolutePath,
  accountId,
  atLeast,
  autoOr,
  baseUrl,
  byteSize,
  cidr,
  cidrList,
  duration,
  engineChoice,
  listenAddress,
  onOff,
  oneOf,
  portList,
  positiveNumber,
  textLike,
  wholeNumber,
} from '../shared/value-types.ts';

/** A setting with a default always has a value; one without may be undefined. */
export const settings = {
  listen: {
    variable: 'BERTH_LISTEN',
    flag: '--listen <host:port>',
    default: '127.0.0.1:4700',
    meaning: 'address of the public listener',
    type: listenAddress,
  },
  tls: {
    variable: 'BERTH_TLS',
    flag: '--tls',
    default: 'off',
    meaning: 'whether to listen with TLS too, under the host names of AWS and its own, with a private CA',
    type: onOff,
  },
  tlsListen: {
    variable: 'BERTH_TLS_LISTEN',
    flag: '--tls-listen <host:port>',
    default: '127.0.0.1:443',
    meaning: 'address of the listener with TLS; URLs that SDKs make themselves have no port but 443',
    type: listenAddress,
  },
  tlsCert: {
    variable: 'BERTH_TLS_CERT',
    meaning:
      'a certificate of your own in PEM, with its chain, served for the names in it; read again when it changes',
    type: absolutePath,
  },
  tlsKey: {
    variable: 'BERTH_TLS_KEY',
    meaning: 'the private key of BERTH_TLS_CERT in PEM, without a passphrase',
    type: absolutePath,
  },
  home: {
    variable: 'BERTH_HOME',
    flag: '--home <folder>',
    default: '/var/lib/berth',
    meaning: 'state directory',
    type: absolutePath,
  },
  publicUrl: {
    variable: 'BERTH_PUBLIC_URL',
    flag: '--public-url <url>',
    meaning: 'base of every URL in an answer; made from the listen address when not set',
    type: baseUrl,
  },
  region: {
    variable: 'BERTH_REGION',
    flag: '--region <name>',
    default: 'us-east-1',
    meaning: 'AWS region that clients sign for and that ARNs name',
    type: textLike(/^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/, 'the name of an AWS region, such as us-east-1'),
  },
  account: {
    variable: 'BERTH_ACCOUNT',
    flag: '--account <id>',
    default: '000000000000',
    meaning: 'account id that ARNs name',
    type: accountId,
  },
  logLevel: {
    variable: 'BERTH_LOG_LEVEL',
    flag: '--log-level <level>',
    default: 'info',
    meaning: 'least severe level that the server logs',
    type: oneOf(['debug', 'info', 'warn', 'error']),
  },
  drainTimeout: {
    variable: 'BERTH_DRAIN_TIMEOUT',
    default: '60s',
    meaning: 'time that running calls have to finish when the server is stopped',
    type: duration,
  },
  upgradeTimeout: {
    variable: 'BERTH_UPGRADE_TIMEOUT',
    default: '8h',
    meaning: 'time that running calls have to finish in the old server after an upgrade',
    type: duration,
  },
  containerdSocket: {
    variable: 'BERTH_CONTAINERD_SOCKET',
    flag: '--containerd-socket <path>',
    meaning: 'socket of a containerd to use instead of a private one',
    type: absolutePath,
  },
  engine: {
    variable: 'BERTH_ENGINE',
    flag: '--engine <which>',
    default: 'auto',
    meaning:
      'programs of the engine: auto takes those of the npm packages or of this clone before the search path, system only those of the search path, and a folder comes before all',
    type: engineChoice,
  },
  isolation: {
    variable: 'BERTH_ISOLATION',
    flag: '--isolation <name>',
    default: 'runc',
    meaning: 'how sandboxes are walled off',
    type: textLike(/^[a-z][a-z0-9.-]*$/, 'the name of an isolation that the engine has, such as runc'),
  },
  isolationsFile: {
    variable: 'BERTH_ISOLATIONS_FILE',
    meaning: 'JSON file that names further isolations: OCI runtimes and shims of your own',
    type: absolutePath,
  },
  userNamespaces: {
    variable: 'BERTH_USER_NAMESPACES',
    default: 'auto',
    meaning:
      'whether sandboxes of the isolation runc have users of their own on the host, root inside included; auto is where kernel and engine can',
    type: oneOf(['auto', 'off']),
  },
  maxImageSize: {
    variable: 'BERTH_MAX_IMAGE_SIZE',
    default: '10GiB',
    meaning: 'size of an image that is pulled, and of a layer that is pushed, at most (AWS: 2 GB)',
    type: byteSize,
  },
  dockerConfig: {
    variable: 'BERTH_DOCKER_CONFIG',
    meaning:
      "Docker's config.json with log-ins for other registries; otherwise the one of the user who starts the server",
    type: absolutePath,
  },
  ...imageSettings,
  sandboxMemory: {
    variable: 'BERTH_SANDBOX_MEMORY',
    default: '8GiB',
    meaning: 'memory limit of a sandbox, capped to the machine',
    type: atLeast('16MiB', byteSize),
  },
  sandboxCpus: {
    variable: 'BERTH_SANDBOX_CPUS',
    default: '2',
    meaning: 'processor limit of a sandbox, capped to the machine',
    type: positiveNumber,
  },
  sandboxPids: {
    variable: 'BERTH_SANDBOX_PIDS',
    default: '1024',
    meaning: 'processes and threads a sandbox may have',
    type: wholeNumber(16, 4_194_304),
  },
  sandboxDisk: {
    variable: 'BERTH_SANDBOX_DISK',
    default: '10GiB',
    meaning: 'writable disk of a sandbox, capped to the machine',
    type: atLeast('16MiB', byteSize),
  },
  sessionStorageSize: {
    variable: 'BERTH_SESSION_STORAGE_SIZE',
    default: '1GiB',
    meaning: 'storage of a session whose runtime has some, for those that are made from now on (AWS: 1 GB)',
    type: atLeast('16MiB', byteSize),
  },
  sessionStorageKeep: {
    variable: 'BERTH_SESSION_STORAGE_KEEP',
    default: '336h',
    meaning: 'time that the storage of a session is kept after its last use (AWS: 14 days)',
    type: atLeast('1m', duration),
  },
  startTimeout: {
    variable: 'BERTH_START_TIMEOUT',
    default: '120s',
    meaning: 'time an agent has to become healthy',
    type: atLeast('1s', duration),
  },
  stopGrace: {
    variable: 'BERTH_STOP_GRACE',
    default: '15s',
    meaning: 'time between SIGTERM and SIGKILL when a sandbox ends',
    type: duration,
  },
  sandboxLogSize: {
    variable: 'BERTH_SANDBOX_LOG_SIZE',
    default: '64MiB',
    meaning: 'log kept of each sandbox before it is rotated',
    type: atLeast('64KiB', byteSize),
  },
  startsInFlight: {
    variable: 'BERTH_STARTS_IN_FLIGHT',
    default: 'auto',
    meaning: 'sandboxes that may be starting at the same moment, at most; auto is twice the processors',
    type: autoOr(wholeNumber(1, 1000)),
  },
  startQueue: {
    variable: 'BERTH_START_QUEUE',
    default: '1000',
    meaning: 'starts that may wait for their turn; more are refused',
    type: wholeNumber(0, 1_000_000),
  },
  memoryReserve: {
    variable: 'BERTH_MEMORY_RESERVE',
    default: '256MiB',
    meaning: 'memory that must stay free on the machine for a sandbox to start',
    type: byteSize,
  },
  egress: {
    variable: 'BERTH_EGRESS',
    flag: '--no-egress',
    default: 'on',
    meaning: 'whether sandboxes may reach the internet',
    type: onOff,
  },
  allowCidr: {
    variable: 'BERTH_ALLOW_CIDR',
    flag: '--allow-cidr <range>',
    isRepeatable: true,
    default: '',
    meaning: 'private ranges that sandboxes may reach',
    type: cidrList,
  },
  allowHostPort: {
    variable: 'BERTH_ALLOW_HOST_PORT',
    flag: '--allow-host-port <port>',
    isRepeatable: true,
    default: '',
    meaning: 'ports of this machine that sandboxes may reach as host.berth.internal',
    type: portList,
  },
  subnet: {
    variable: 'BERTH_SUBNET',
    flag: '--subnet <range>',
    meaning: "range of the sandboxes' bridges; a free one is chosen and remembered when not set",
    type: cidr,
  },
  networks: {
    variable: 'BERTH_NETWORKS',
    meaning: 'file with the subnets and security groups that runtimes of the network mode VPC may name',
    type: absolutePath,
  },
  ...issuerSettings,
  secretsFolder: {
    variable: 'BERTH_SECRETS_DIR',
    meaning: 'folder with the secrets of credential providers that you keep yourself, as files NAME.json',
    type: absolutePath,
  },
  ...quotaSettings,
  auditEntries: {
    variable: 'BERTH_AUDIT_ENTRIES',
    default: '200000',
    meaning:
      'entries of the audit log that are kept of each kind (changes, refusals, reads of credentials, unproven callers), about half a KB each; the oldest of a kind go first',
    type: wholeNumber(1_000),
  },
  auditAge: {
    variable: 'BERTH_AUDIT_AGE',
    meaning: 'how long entries of the audit log are kept, such as 8760h for a year; without it, of any age',
    type: atLeast('1h', duration),
  },
  strictBusy: {
    variable: 'BERTH_STRICT_BUSY',
    default: 'off',
    meaning: 'as AWS was seen to do: HealthyBusy holds a session only while its time_of_last_update moves',
    type: onOff,
  },
  pingInterval: {
    variable: 'BERTH_PING_INTERVAL',
    default: '5s',
    meaning: 'time between two health checks of a quiet session',
    type: atLeast('100ms', duration),
  },
  ...transitSettings,
  ...telemetrySettings,
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** Variables that begin like settings but are not: read by the CLI, the master key and the wrapper script. */
export const otherVariables: Readonly<Record<string, string>> = {
  BERTH_BEARER_TOKEN:
    'bearer token by which `berth invoke`, `exec` and `shell` prove their caller, instead of a signature',
  BERTH_ENDPOINT: 'URL of the server that the CLI talks to',
  BERTH_MASTER_KEY:
    'master key of sealed secrets: 32 bytes in base64; otherwise the file `master.key` in the home directory',
  BERTH_PREVIOUS_MASTER_KEY:
    'after a change of the master key: the one before; otherwise the file `master.key.previous` in the home directory',
};

export function settingNames(): SettingName[] {
  return Object.keys(settings) as SettingName[];
}
