import { BerthError, invalidField } from '../../shared/errors.ts';
import type { RandomSource, Scope } from '../../shared/ids.ts';
import type { SigningAlgorithm } from './key-ring.ts';

export const ringKeySpecs = ['symmetric', 'rsa-2048', 'rsa-3072', 'rsa-4096', 'ec-p256'] as const;

/** `symmetric` keeps the vault's wrapping keys; the others sign. */
export type RingKeySpec = (typeof ringKeySpecs)[number];

/** A key of Berth's own key ring. */
export interface RingKey extends Scope {
  /** A version 4 UUID. */
  readonly keyId: string;
  readonly spec: RingKeySpec;
  readonly description: string | undefined;
  /** The public half, with `kid` and `use`; undefined for a symmetric key. */
  readonly publicKey: PublicKeyJwk | undefined;
  readonly createdAtMs: number;
}

/** RFC 7517. */
export interface PublicKeyJwk {
  readonly kty: string;
  readonly [member: string]: string;
}

/** With what never leaves the ring. */
export interface SealedRingKey extends RingKey {
  readonly sealedKey: string;
}

const algorithmsOf: Readonly<Record<RingKeySpec, readonly SigningAlgorithm[]>> = {
  symmetric: [],
  'rsa-2048': ['RS256', 'PS256'],
  'rsa-3072': ['RS256', 'PS256'],
  'rsa-4096': ['RS256', 'PS256'],
  'ec-p256': ['ES256'],
};

export function canSign(spec: RingKeySpec, algorithm: SigningAlgorithm): boolean {
  return algorithmsOf[spec].includes(algorithm);
}

/** What may make a key for this algorithm, for messages. */
export function specsFor(algorithm: SigningAlgorithm): readonly RingKeySpec[] {
  return ringKeySpecs.filter((spec) => canSign(spec, algorithm));
}

export function ringKeyArn({ accountId, region, keyId }: Scope & { readonly keyId: string }): string {
  return `arn:aws:kms:${region}:${accountId}:key/${keyId}`;
}

/** The id that an ARN names, or the id itself. Throws `validation` for any other text, also for the ARN of another account or region. */
export function parseRingKeyId(scope: Scope, text: string, member: string): string {
  const [, region = scope.region, accountId = scope.accountId, keyId] = arnForm.exec(text) ?? [];
  if (keyId !== undefined && region === scope.region && accountId === scope.accountId) return keyId;
  throw invalidField(
    member,
    `'${text.slice(0, 200)}' is no key of this server: expected ${ringKeyArn({ ...scope, keyId: 'UUID' })}, as 'berth kms list' shows it. 'berth kms create' makes one; keys of AWS cannot be used here.`,
  );
}

export function noSuchKey(scope: Scope, keyId: string): BerthError {
  return new BerthError(
    'not-found',
    `There is no key ${keyId} in the key ring of account ${scope.accountId}, region ${scope.region}. 'berth kms list' names those that exist, 'berth kms create' makes one.`,
  );
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const arnForm = new RegExp(`^(?:arn:aws:kms:([a-z0-9-]+):([0-9]{12}):key/)?(${uuid})$`);

/** A version 4 UUID. */
export function newKeyId(random: RandomSource): string {
  const bytes = Uint8Array.from(random(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
