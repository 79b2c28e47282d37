import { generateKeyPairSync, randomBytes, sign as signWith, type KeyObject } from 'node:crypto';
import { BerthError } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import { createSealedBox } from '../../storage/sealed-box.ts';
import type { CredentialProviders, OauthProvider } from '../providers/credential-provider.ts';
import type { UserTokens, WorkloadClaims, WorkloadTokens, WorkloadUser } from '../tokens/workload-token.ts';
import type { KeyRing } from '../vault/key-ring.ts';
import type { Vault } from '../vault/vault.ts';

/** Seals for real, with one key; what it has destroyed it opens no more. */
export class SealingVault implements Vault {
  readonly #box = createSealedBox(randomBytes(32));
  readonly #owners = new Set<string>();

  async createKey(_scope: Scope, owner: string): Promise<void> {
    this.#owners.add(owner);
  }

  async destroyKey(owner: string): Promise<void> {
    this.#owners.delete(owner);
  }

  async seal(owner: string, binding: readonly string[], secret: string): Promise<string> {
    this.#require(owner);
    return this.#box.seal(secret, JSON.stringify([owner, ...binding]));
  }

  async open(owner: string, binding: readonly string[], sealed: string): Promise<string> {
    this.#require(owner);
    return this.#box.open(sealed, JSON.stringify([owner, ...binding]));
  }

  #require(owner: string): void {
    if (!this.#owners.has(owner)) throw new BerthError('not-found', `There is no key of ${owner}.`);
  }
}

/** One ES256 key. */
export class FakeKeyRing implements KeyRing {
  readonly keyArn = 'arn:aws:kms:us-east-1:111122223333:key/8a2f0c9e-52a5-4c1c-9a0a-0d0f6b1b7a11';
  readonly #privateKey: KeyObject;
  readonly publicJwk: object;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#privateKey = privateKey;
    this.publicJwk = { ...publicKey.export({ format: 'jwk' }), kid: 'ring', alg: 'ES256', use: 'sig' };
  }

  async sign(scope: Scope, keyArn: string, algorithm: string, data: Uint8Array): Promise<Uint8Array> {
    await this.requireSigningKey(scope, keyArn, algorithm);
    return signWith('sha256', data, { key: this.#privateKey, dsaEncoding: 'ieee-p1363' });
  }

  async requireSigningKey(_scope: Scope, keyArn: string, algorithm: string): Promise<void> {
    if (keyArn !== this.keyArn) throw new BerthError('not-found', `There is no key ${keyArn}.`);
    if (algorithm !== 'ES256') throw new BerthError('validation', `The key ${keyArn} is one of ES256.`);
  }
}

/** Tokens that say nothing by themselves. */
export class FakeWorkloadTokens implements WorkloadTokens {
  readonly #claims = new Map<string, WorkloadClaims>();

  async issue(claims: WorkloadClaims): Promise<string> {
    const token = `workload-token-${this.#claims.size + 1}`;
    this.#claims.set(token, claims);
    return token;
  }

  async verify(scope: Scope, token: string): Promise<WorkloadClaims> {
    const claims = this.#claims.get(token);
    if (claims === undefined || claims.accountId !== scope.accountId || claims.region !== scope.region)
      throw new BerthError('access-denied', 'The workload token is not valid.');
    return claims;
  }
}

/** Believes the tokens that it knows. */
export class FakeUserTokens implements UserTokens {
  readonly known = new Map<string, WorkloadUser>();

  async verify(_scope: Scope, _workload: string, userToken: string): Promise<WorkloadUser> {
    const user = this.known.get(userToken);
    if (user === undefined) throw new BerthError('unauthorized', 'The user token is not valid.');
    return user;
  }
}

/** A list that a test fills. */
export class FakeCredentialProviders implements CredentialProviders {
  readonly known: OauthProvider[] = [];
  secret = 'the secret of the client: "hush"';

  async findApiKey(_scope: Scope, name: string): Promise<never> {
    throw new BerthError('not-found', `There is no API key credential provider ${name}.`);
  }

  async findOauth(scope: Scope, name: string): Promise<OauthProvider> {
    const found = this.known.find((one) => one.name === name && one.region === scope.region);
    if (found === undefined)
      throw new BerthError('not-found', `There is no OAuth2 credential provider ${name}.`);
    return found;
  }

  async findByCallback(callbackId: string): Promise<OauthProvider | undefined> {
    return this.known.find((one) => one.callbackId === callbackId);
  }

  /** Of workloads that may use none. */
  readonly refused = new Set<string>();

  async requireUse(_provider: OauthProvider, workload: string): Promise<void> {
    if (this.refused.has(workload)) throw new BerthError('access-denied', 'It is kept to others.');
  }

  async secretOf(): Promise<string> {
    return this.secret;
  }
}
