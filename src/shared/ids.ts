import { randomBytes } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** 12 digits. */
export type AccountId = Branded<'AccountId'>;
/** Name, hyphen, ten alphanumerics. */
export type RuntimeId = Branded<'RuntimeId'>;
/** What the caller chose: 33 to 256 characters, unique within a runtime. */
export type SessionId = Branded<'SessionId'>;
/** One incarnation of a session, or a pooled sandbox: `sb-` and 20 lower-case alphanumerics. */
export type SandboxId = Branded<'SandboxId'>;

/** A session's storage on this server: `vol-` and 20 lower-case alphanumerics, never used twice. */
export type VolumeId = Branded<'VolumeId'>;

/** The account and region that own a row. */
export interface Scope {
  readonly accountId: AccountId;
  readonly region: string;
}

/** Returns `byteCount` unpredictable bytes; injected so that tests can repeat themselves. */
export type RandomSource = (byteCount: number) => Uint8Array;

/** Small amounts come from a supply that is asked for at once, each byte given out once. */
export const systemRandom: RandomSource = (byteCount) => {
  if (byteCount > supplyBytes / 8) return randomBytes(byteCount);
  if (supply.length < byteCount) supply = randomBytes(supplyBytes);
  const bytes = Buffer.from(supply.subarray(0, byteCount));
  supply.fill(0, 0, byteCount);
  supply = supply.subarray(byteCount);
  return bytes;
};

const supplyBytes = 4_096;
let supply = Buffer.alloc(0);

const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `length` characters, uniform over `alphabet` (at most 256 characters). */
export function randomText(random: RandomSource, length: number, alphabet = alphanumerics): string {
  const unbiased = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random(length - text.length)) {
      if (byte < unbiased) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}

export function newSandboxId(random: RandomSource): SandboxId {
  return `sb-${randomText(random, 20, 'abcdefghijklmnopqrstuvwxyz0123456789')}` as SandboxId;
}

export function newVolumeId(random: RandomSource): VolumeId {
  return `vol-${randomText(random, 20, 'abcdefghijklmnopqrstuvwxyz0123456789')}` as VolumeId;
}

export function newRuntimeId(random: RandomSource, name: string): RuntimeId {
  return `${name}-${randomText(random, 10)}` as RuntimeId;
}
