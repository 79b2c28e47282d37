import { constants, createPrivateKey, createPublicKey, generateKeyPair, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../../shared/clock.ts';
import { BerthError, invalidField } from '../../shared/errors.ts';
import type { RandomSource, Scope } from '../../shared/ids.ts';
import type { KeyRing, SigningAlgorithm } from './key-ring.ts';
import {
  canSign,
  newKeyId,
  noSuchKey,
  parseRingKeyId,
  type PublicKeyJwk,
  type RingKey,
  ringKeyArn,
  type RingKeySpec,
  type SealedRingKey,
  specsFor,
} from './ring-key.ts';
import type { RingKeyStore } from './ring-key-store.ts';
import type { SymmetricKeys } from './symmetric-keys.ts';
import type { Vault } from './vault.ts';

export interface SealedKeyRingParts {
  readonly store: RingKeyStore;
  readonly symmetricKeys: Pick<SymmetricKeys, 'make'>;
  /** Keeps the private halves of signing keys. */
  readonly vault: Vault;
  /** What else needs a key, in words that go on after "It is used by"; undefined when nothing does. */
  readonly userOf: (scope: Scope, keyArn: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly random: RandomSource;
}

const generate = promisify(generateKeyPair);
const signAsync = promisify(sign);

/** The key ring, with its keys sealed in the database. */
export class SealedKeyRing implements KeyRing {
  readonly #parts: SealedKeyRingParts;

  constructor(parts: SealedKeyRingParts) {
    this.#parts = parts;
  }

  async create(scope: Scope, spec: RingKeySpec, description: string | undefined): Promise<RingKey> {
    const { store, symmetricKeys, clock, random } = this.#parts;
    const keyId = newKeyId(random);
    const { accountId, region } = scope;
    const key = { accountId, region, keyId, spec, description, createdAtMs: clock.now() };
    const made =
      spec === 'symmetric'
        ? { ...key, publicKey: undefined, sealedKey: symmetricKeys.make(scope, keyId) }
        : { ...key, ...(await this.#makePair(scope, keyId, spec)) };
    await store.insert(made);
    return shown(made);
  }

  async list(scope: Scope): Promise<readonly RingKey[]> {
    return (await this.#parts.store.list(scope)).map(shown);
  }

  /** By its ARN or id. Throws `not-found`, or `validation` for what is neither. */
  async show(scope: Scope, key: string): Promise<RingKey> {
    return shown(await this.#find(scope, key));
  }

  /** By its ARN or id; for good. Throws `conflict` while something needs it, else as `show` does. */
  async delete(scope: Scope, key: string): Promise<void> {
    const { store, vault, userOf } = this.#parts;
    const { keyId, spec } = await this.#find(scope, key);
    const user = await userOf(scope, ringKeyArn({ ...scope, keyId }));
    if (user !== undefined) throw inUse(keyId, user);
    // First of all what cannot be undone: after a crash the key is deleted again.
    if (spec !== 'symmetric') await vault.destroyKey(ownerOf(keyId));
    const result = await store.remove(scope, keyId);
    if (result === 'in-use') throw inUse(keyId, 'the token vault (SetTokenVaultCMK gives it another key)');
  }

  async sign(
    scope: Scope,
    keyArn: string,
    algorithm: SigningAlgorithm,
    data: Uint8Array,
  ): Promise<Uint8Array> {
    const { keyId, sealedKey } = await this.#findSigningKey(scope, keyArn, algorithm);
    const text = await this.#parts.vault.open(ownerOf(keyId), bindingOf(keyId), sealedKey);
    const key = createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
    return signAsync('sha256', data, { key, ...signatureForms[algorithm] });
  }

  async requireSigningKey(scope: Scope, keyArn: string, algorithm: SigningAlgorithm): Promise<void> {
    await this.#findSigningKey(scope, keyArn, algorithm);
  }

  async #makePair(scope: Scope, keyId: string, spec: Exclude<RingKeySpec, 'symmetric'>) {
    const { vault } = this.#parts;
    const { privateKey } =
      spec === 'ec-p256'
        ? await generate('ec', { namedCurve: 'P-256' })
        : await generate('rsa', { modulusLength: Number(spec.slice('rsa-'.length)) });
    await vault.createKey(scope, ownerOf(keyId));
    const secret = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
    const jwk = createPublicKey(privateKey).export({ format: 'jwk' }) as PublicKeyJwk;
    return {
      publicKey: { ...jwk, kid: keyId, use: 'sig' },
      sealedKey: await vault.seal(ownerOf(keyId), bindingOf(keyId), secret),
    };
  }

  async #find(scope: Scope, key: string, member = 'key'): Promise<SealedRingKey> {
    const keyId = parseRingKeyId(scope, key, member);
    const found = await this.#parts.store.find(scope, keyId);
    if (found === undefined) throw noSuchKey(scope, keyId);
    return found;
  }

  async #findSigningKey(scope: Scope, keyArn: string, algorithm: SigningAlgorithm): Promise<SealedRingKey> {
    const key = await this.#find(scope, keyArn, 'kmsKeyArn');
    if (canSign(key.spec, algorithm)) return key;
    throw invalidField(
      'kmsKeyArn',
      `Key ${key.keyId} is of the kind ${key.spec}, which cannot sign with ${algorithm}: expected ${specsFor(algorithm).join(', ')}, as 'berth kms create --spec ${specsFor(algorithm)[0]}' makes it.`,
    );
  }
}

const signatureForms: Readonly<Record<SigningAlgorithm, object>> = {
  RS256: { padding: constants.RSA_PKCS1_PADDING },
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  ES256: { dsaEncoding: 'ieee-p1363' },
};

function ownerOf(keyId: string): string {
  return `kms-key/${keyId}`;
}

function bindingOf(keyId: string): readonly string[] {
  return ['private key', keyId];
}

function shown(key: SealedRingKey): RingKey {
  const { accountId, region, keyId, spec, description, publicKey, createdAtMs } = key;
  return { accountId, region, keyId, spec, description, publicKey, createdAtMs };
}

function inUse(keyId: string, user: string): BerthError {
  return new BerthError(
    'conflict',
    `Key ${keyId} cannot be deleted. It is used by ${user}. What it protects could never be opened again.`,
  );
}
