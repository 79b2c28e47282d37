import type { Config } from '../config/config.ts';
import { KeptCredentialProviders } from '../identity/providers/kept-credential-providers.ts';
import { ProviderSecrets } from '../identity/providers/provider-secrets.ts';
import { type ProviderGrants, Providers } from '../identity/providers/providers.ts';
import { createSecretFolder } from '../identity/providers/secret-folder.ts';
import { createSqlProviderStore } from '../identity/providers/sql-provider-store.ts';
import type { Vault } from '../identity/vault/vault.ts';
import { providerArn } from '../runtimes/arns.ts';
import type { Clock } from '../shared/clock.ts';
import type { RandomSource } from '../shared/ids.ts';
import type { OpenDatabase } from '../storage/database.ts';

export interface ProvidersParts {
  readonly config: Pick<Config, 'publicUrl' | 'secretsFolder'> & {
    readonly quotas: Pick<Config['quotas'], 'apiKeyProviders' | 'oauthProviders' | 'managedSecrets'>;
  };
  readonly database: OpenDatabase;
  readonly vault: Vault;
  readonly grants: ProviderGrants;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Credential providers: their operations' part, and the flows'. */
export function openProviders({ config, database, vault, grants, clock, random }: ProvidersParts) {
  const { publicUrl, quotas, secretsFolder } = config;
  const store = createSqlProviderStore({ database });
  const secrets = new ProviderSecrets({ vault, external: createSecretFolder(secretsFolder) });
  const providers = new Providers({
    store,
    secrets,
    vault,
    grants,
    asOne: (work) => database.inOneTransaction(work),
    quotas: {
      'api-key': quotas.apiKeyProviders,
      oauth2: quotas.oauthProviders,
      managedSecrets: quotas.managedSecrets,
    },
    clock,
    random,
    arnOf: providerArn,
  });
  return {
    providers,
    providerStore: store,
    credentials: new KeptCredentialProviders({ store, secrets, arnOf: providerArn }),
    callbackBase: `${publicUrl}/identities/oauth2/callback`,
  };
}
