import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { BerthError, messageOf } from '../shared/errors.ts';
import { type Issuer, makeAuthorityCertificate } from './certificates.ts';
import { writeWhole } from './write-whole.ts';

export interface AuthorityParts {
  /** Made when it is not there; for the server alone. */
  readonly dir: string;
  /** Keeps the private key secret also from whoever gets the files without the master key. */
  readonly sealedBox: {
    seal(secret: string, purpose: string): string;
    open(sealed: string, purpose: string): string;
  };
}

/** What the file holds; `permitted` is what it can sign for, as it was written into the certificate. */
const storedSchema = z.object({
  certificate: z.string(),
  sealedKey: z.string(),
  permitted: z.array(z.string()),
});
type StoredAuthority = z.infer<typeof storedSchema>;

export interface FoundAuthority extends Issuer {
  /** Clients that trust an older one have to be told. */
  readonly isNew: boolean;
}

const dayMs = 24 * 3_600_000;
const lifetimeMs = 3650 * dayMs;
/** Replaced this long before its end, since its own certificates end with it. */
const spareMs = 30 * dayMs;
/** Clocks of clients may be behind. */
export const backdateMs = 3_600_000;
const keyPurpose = 'tls_authority_key';

/**
 * The private CA of the home directory, made the first time. A new one takes its place when these names are not all permitted
 * to it, or when its ten years are nearly over. Throws `internal` when its key cannot be opened or its file is damaged.
 */
export async function findAuthority(
  { dir, sealedBox }: AuthorityParts,
  names: readonly string[],
  nowMs: number,
): Promise<FoundAuthority> {
  const path = join(dir, 'authority.json');
  const permitted = permittedFor(names);
  const stored = await read(path);
  if (stored !== undefined && permitted.every((name) => stored.permitted.includes(name))) {
    const certificate = new X509Certificate(stored.certificate);
    const isFresh = nowMs < certificate.validToDate.getTime() - spareMs;
    if (isFresh)
      return {
        certificate,
        key: createPrivateKey(sealedBox.open(stored.sealedKey, keyPurpose)),
        isNew: false,
      };
  }
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const certificate = makeAuthorityCertificate({
    // Each by another name, so that a client that knows two never takes one for the other.
    commonName: `Berth private CA ${randomBytes(4).toString('hex')}`,
    key,
    permitted,
    validity: { fromMs: nowMs - backdateMs, untilMs: nowMs + lifetimeMs },
  });
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const content: StoredAuthority = {
    certificate: certificate.toString(),
    sealedKey: sealedBox.seal(pem, keyPurpose),
    permitted: [...permitted],
  };
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeWhole(path, `${JSON.stringify(content, undefined, 2)}\n`, 0o600);
  return { certificate, key, isNew: true };
}

/** So that a stolen key signs for no other site. All of loopback, since a listener may be on any address of it. */
function permittedFor(names: readonly string[]): readonly string[] {
  const bases = names.map((name) => {
    if (isIP(name) === 6) return `${name}/128`;
    if (isIP(name) === 4) return name.startsWith('127.') ? '127.0.0.0/8' : `${name}/32`;
    return name.replace(/^\*\./, '');
  });
  return [...new Set(bases)];
}

async function read(path: string): Promise<StoredAuthority | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return storedSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new BerthError(
      'internal',
      `${path} is damaged (${messageOf(error)}). Put a copy back, or delete it: then a new CA is made, which clients have to be told to trust.`,
      { cause: error },
    );
  }
}
