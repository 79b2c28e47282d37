import { BerthError } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import type { OpenDatabase } from '../../storage/database.ts';
import { KeptCredentialProviders } from '../providers/kept-credential-providers.ts';
import { ProviderSecrets } from '../providers/provider-secrets.ts';
import { Providers, type ProvidersParts } from '../providers/providers.ts';
import { createSecretFolder } from '../providers/secret-folder.ts';
import { createSqlProviderStore } from '../providers/sql-provider-store.ts';
import type { WorkloadClaims, WorkloadTokens } from '../tokens/workload-token.ts';
import type { KeyRing, SigningAlgorithm } from '../vault/key-ring.ts';
import { FakeVault } from './fake-vault.ts';

export interface ProviderFixtureParts extends Pick<ProvidersParts, 'clock' | 'random' | 'arnOf'> {
  readonly database: OpenDatabase;
  readonly quotas: {
    readonly oauthProviders: number;
    readonly apiKeyProviders: number;
    readonly managedSecrets: number;
  };
  readonly secretsFolder: string | undefined;
}

/** The key that FakeKeyRing has; it signs with RS256. */
export const signingKeyArn = 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555';

/** Providers over a real database; vault, keys and tokens are fakes. */
export class ProviderFixture {
  readonly vault = new FakeVault();
  /** Ids of providers whose grants were revoked. */
  readonly revoked: string[] = [];
  /** Workload tokens that are good, with what they say. */
  readonly tokens = new Map<string, WorkloadClaims>();
  readonly store;
  readonly parts;

  constructor({ database, quotas, secretsFolder, clock, random, arnOf }: ProviderFixtureParts) {
    const { vault } = this;
    const secrets = new ProviderSecrets({ vault, external: createSecretFolder(secretsFolder) });
    const store = createSqlProviderStore({ database });
    this.store = store;
    this.parts = {
      providers: new Providers({
        ...{ store, secrets, vault, clock, random, arnOf },
        grants: { revokeAllOf: async (id) => void this.revoked.push(id) },
        asOne: (work) => database.inOneTransaction(work),
        quotas: {
          'api-key': quotas.apiKeyProviders,
          oauth2: quotas.oauthProviders,
          managedSecrets: quotas.managedSecrets,
        },
      }),
      credentials: new KeptCredentialProviders({ store, secrets, arnOf }),
      workloadTokens: new FakeWorkloadTokens(this.tokens),
      keyRing: new FakeKeyRing(),
    };
  }
}

class FakeWorkloadTokens implements WorkloadTokens {
  readonly #tokens: Map<string, WorkloadClaims>;

  constructor(tokens: Map<string, WorkloadClaims>) {
    this.#tokens = tokens;
  }

  async issue(claims: WorkloadClaims): Promise<string> {
    const token = `token-${this.#tokens.size + 1}`;
    this.#tokens.set(token, claims);
    return token;
  }

  async verify({ accountId, region }: Scope, token: string): Promise<WorkloadClaims> {
    const claims = this.#tokens.get(token);
    if (claims?.accountId === accountId && claims.region === region) return claims;
    throw new BerthError('access-denied', 'The workload token is not good.');
  }
}

class FakeKeyRing implements KeyRing {
  async sign(): Promise<Uint8Array> {
    return new Uint8Array(256);
  }

  async requireSigningKey(_scope: Scope, keyArn: string, algorithm: SigningAlgorithm): Promise<void> {
    if (keyArn !== signingKeyArn) throw new BerthError('not-found', `There is no key ${keyArn}.`);
    if (algorithm !== 'RS256') throw new BerthError('validation', `The key ${keyArn} signs with RS256.`);
  }
}
