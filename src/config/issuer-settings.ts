import { discoveryUrlList, issuerNames, originList } from '../shared/value-types.ts';
import type { Setting } from './setting.ts';

/** Whose bearer tokens prove users, where these issuers may be, and what they are called. */
export const issuerSettings = {
  privateIssuer: {
    variable: 'BERTH_PRIVATE_ISSUERS',
    flag: '--private-issuer <origin>',
    isRepeatable: true,
    default: '',
    meaning: 'issuers of bearer tokens that may be in private networks, on this machine, or without TLS',
    type: originList,
  },
  issuerNames: {
    variable: 'BERTH_ISSUER_NAMES',
    default: '',
    meaning: 'what tokens have as iss where that is not what the discovery URL of their issuer belongs to',
    type: issuerNames,
  },
  userTokenIssuers: {
    variable: 'BERTH_USER_TOKEN_ISSUERS',
    default: '',
    meaning:
      'issuers whose tokens prove users to every workload (GetWorkloadAccessTokenForJWT), besides those of its own runtime',
    type: discoveryUrlList,
  },
} as const satisfies Record<string, Setting>;
