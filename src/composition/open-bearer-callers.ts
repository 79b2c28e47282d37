import { networkInterfaces } from 'node:os';
import { DevelopmentIssuer } from '../auth/jwt/development-issuer.ts';
import { IssuerClient } from '../auth/jwt/issuer-client.ts';
import { IssuerKeys } from '../auth/jwt/issuer-keys.ts';
import { IssuerPolicy } from '../auth/jwt/issuer-policy.ts';
import { type DescribeIssuer, describeOverHttp } from '../auth/jwt/issuer.ts';
import { JwtAuthenticator } from '../auth/jwt/jwt-authenticator.ts';
import { loadIssuerKey } from '../auth/jwt/sql-issuer-key.ts';
import { TokenVerifier } from '../auth/jwt/token-verifier.ts';
import type { Config } from '../config/config.ts';
import type { Events } from '../observability/events.ts';
import type { Clock } from '../shared/clock.ts';
import type { RandomSource } from '../shared/ids.ts';
import type { OpenDatabase } from '../storage/database.ts';
import type { SealedBox } from '../storage/sealed-box.ts';
import { isLoopbackOnly } from './is-loopback-only.ts';

export interface BearerCallersParts {
  readonly config: Pick<Config, 'listen' | 'publicUrl' | 'privateIssuers' | 'issuerNames' | 'tls'>;
  readonly database: OpenDatabase;
  readonly sealedBox: SealedBox;
  readonly events: Events;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** What proves callers who bring bearer tokens, and an issuer of one's own where only this machine can call. */
export function openBearerCallers(parts: BearerCallersParts) {
  const { config, database, sealedBox, events, clock, random } = parts;
  const policy = new IssuerPolicy({ privateIssuers: config.privateIssuers, hostAddresses: ownAddresses });
  const developmentIssuer = isLoopbackOnly(config)
    ? new DevelopmentIssuer({
        publicUrl: config.publicUrl,
        listenPort: config.listen.port,
        loadKey: () => loadIssuerKey({ database, sealedBox }),
        clock,
        random,
      })
    : undefined;
  const isOwn = (discoveryUrl: string) => developmentIssuer?.owns(discoveryUrl) === true;
  const describeOther = describeOverHttp(new IssuerClient({ policy, clock }), config.issuerNames);
  const describe: DescribeIssuer = (discoveryUrl) =>
    developmentIssuer !== undefined && isOwn(discoveryUrl)
      ? developmentIssuer.describe()
      : describeOther(discoveryUrl);
  const keys = new IssuerKeys({ describe, events, clock });
  const verifier = new TokenVerifier({ keys, clock });
  return {
    tokens: new JwtAuthenticator({ verifier }),
    /** Tokens that are not the caller's own proof. */
    issuerTokens: {
      issuerName: async (discoveryUrl: string) => (await keys.current(discoveryUrl)).issuer,
      verify: verifier.verify.bind(verifier),
    },
    developmentIssuer,
    /** Where Berth goes for issuers, and for providers. */
    policy,
    /** Why tokens of an issuer could never be verified here, or undefined. */
    issuerProblem: (discoveryUrl: string) => {
      const url = URL.parse(discoveryUrl);
      if (url === null) return `'${discoveryUrl}' is not a URL.`;
      return isOwn(discoveryUrl) ? undefined : policy.problemOf(url);
    },
  };
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((known = []) => known.map(({ address }) => address));
}
