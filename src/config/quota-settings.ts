import type { Setting } from './setting.ts';
import { wholeNumber } from '../shared/value-types.ts';

/** How much of everything an account may have, and how often it may call: AWS's quotas, contract 5.1 and 5.2. */
export const quotaSettings = {
  maxRuntimes: {
    variable: 'BERTH_MAX_RUNTIMES',
    default: '1000',
    meaning: 'quota: runtimes',
    type: wholeNumber(0),
  },
  maxVersions: {
    variable: 'BERTH_MAX_VERSIONS',
    default: '1000',
    meaning: 'quota: versions of one runtime',
    type: wholeNumber(0),
  },
  maxEndpoints: {
    variable: 'BERTH_MAX_ENDPOINTS',
    default: '10',
    meaning: 'quota: endpoints of one runtime',
    type: wholeNumber(0),
  },
  maxSessions: {
    variable: 'BERTH_MAX_SESSIONS',
    default: '5000',
    meaning: 'quota: sessions that are live at the same time',
    type: wholeNumber(0),
  },
  maxPooledSandboxes: {
    variable: 'BERTH_MAX_POOLED_SANDBOXES',
    default: '50',
    meaning: 'quota: sandboxes of all runtimes that are kept ready ahead of time',
    type: wholeNumber(0),
  },
  maxWorkloadIdentities: {
    variable: 'BERTH_MAX_WORKLOAD_IDENTITIES',
    default: '11000',
    meaning: 'quota: workload identities, those of runtimes not counted',
    type: wholeNumber(0),
  },
  maxOauthProviders: {
    variable: 'BERTH_MAX_OAUTH2_PROVIDERS',
    default: '50',
    meaning: 'quota: OAuth2 credential providers',
    type: wholeNumber(0),
  },
  maxApiKeyProviders: {
    variable: 'BERTH_MAX_API_KEY_PROVIDERS',
    default: '50',
    meaning: 'quota: API key credential providers',
    type: wholeNumber(0),
  },
  maxManagedSecrets: {
    variable: 'BERTH_MAX_MANAGED_SECRETS',
    default: '500000',
    meaning: 'quota: secrets of credential providers that the vault keeps (AWS: 500000, of Secrets Manager)',
    type: wholeNumber(0),
  },
  invocationRate: {
    variable: 'BERTH_INVOCATION_RATE',
    default: '0',
    meaning: "data-plane requests per second, but for Identity's; 0 is no limit (AWS: 1000)",
    type: wholeNumber(0),
  },
  newSessionRate: {
    variable: 'BERTH_NEW_SESSION_RATE',
    default: '0',
    meaning: 'new sessions per second; 0 is no limit (AWS: 25)',
    type: wholeNumber(0),
  },
  mutationRate: {
    variable: 'BERTH_CONTROL_MUTATION_RATE',
    default: '0',
    meaning: "calls per second that create, update or delete, but for Identity's; 0 is no limit (AWS: 50)",
    type: wholeNumber(0),
  },
  getRate: {
    variable: 'BERTH_CONTROL_GET_RATE',
    default: '0',
    meaning: "calls per second that read, but for Identity's; 0 is no limit (AWS: 150)",
    type: wholeNumber(0),
  },
  listRate: {
    variable: 'BERTH_CONTROL_LIST_RATE',
    default: '0',
    meaning: "calls per second that list, but for Identity's; 0 is no limit (AWS: 25)",
    type: wholeNumber(0),
  },
  identityControlRate: {
    variable: 'BERTH_IDENTITY_CONTROL_RATE',
    default: '0',
    meaning:
      'calls per second of each operation on workload identities, credential providers and the token vault; 0 is no limit (AWS: 20)',
    type: wholeNumber(0),
  },
  identityReadRate: {
    variable: 'BERTH_IDENTITY_READ_RATE',
    default: '0',
    meaning:
      'calls per second of each operation that gets workload tokens, API keys or OAuth2 tokens; 0 is no limit (AWS: 200)',
    type: wholeNumber(0),
  },
  identityCompletionRate: {
    variable: 'BERTH_IDENTITY_COMPLETION_RATE',
    default: '0',
    meaning: 'calls per second of CompleteResourceTokenAuth; 0 is no limit (AWS: 100)',
    type: wholeNumber(0),
  },
} as const satisfies Record<string, Setting>;
