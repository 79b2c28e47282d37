import { AccessKeys } from '../auth/access-keys.ts';
import { RegistryAuthenticator } from '../auth/registry-authenticator.ts';
import { RegistryTokens } from '../auth/registry-token.ts';
import { MetadataTokens } from '../auth/role/metadata-tokens.ts';
import { RoleCredentials } from '../auth/role/role-credentials.ts';
import { SigV4Authenticator } from '../auth/sigv4/sigv4-authenticator.ts';
import { SqlAccessKeyStore } from '../auth/sql-access-key-store.ts';
import type { Config } from '../config/config.ts';
import type { Events } from '../observability/events.ts';
import type { Clock } from '../shared/clock.ts';
import type { RandomSource } from '../shared/ids.ts';
import type { OpenDatabase } from '../storage/database.ts';
import type { ServerIdentity } from '../storage/server-identity.ts';
import { openBearerCallers } from './open-bearer-callers.ts';

export interface CallersParts {
  readonly config: Config;
  readonly database: OpenDatabase;
  readonly identity: Pick<ServerIdentity, 'sealedBox' | 'signingSecret'>;
  readonly events: Events;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** All the ways in which callers prove who they are. The first start makes an admin key. */
export async function openCallers({ config, database, identity, events, clock, random }: CallersParts) {
  const { sealedBox, signingSecret: serverSecret } = identity;
  const accessKeys = new AccessKeys({
    store: new SqlAccessKeyStore({ database, sealedBox }),
    scope: { accountId: config.accountId, region: config.region },
    clock,
    random,
  });
  const { key: adminKey } = await accessKeys.ensureFirstAdminKey();
  const registryTokens = new RegistryTokens({ serverSecret, clock });
  return {
    accessKeys,
    adminKey,
    registryTokens,
    roleCredentials: new RoleCredentials({ serverSecret, clock }),
    metadataTokens: new MetadataTokens({ serverSecret, clock }),
    signatures: new SigV4Authenticator({ accessKeys, clock, region: config.region }),
    registryLogins: new RegistryAuthenticator({ accessKeys, registryTokens, serverSecret, clock }),
    ...openBearerCallers({ config, database, sealedBox, events, clock, random }),
  };
}

export type Callers = Awaited<ReturnType<typeof openCallers>>;
