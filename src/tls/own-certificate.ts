import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import { BerthError, messageOf } from '../shared/errors.ts';

export interface CertificateFiles {
  /** PEM: the certificate, then those between it and its root. */
  readonly certFile: string;
  /** PEM, without a passphrase. */
  readonly keyFile: string;
}

/** A pair of files in use. */
export interface OwnCertificate {
  /** Whether it is good for this DNS name. */
  covers(name: string): boolean;
  readonly context: SecureContext;
}

/** Follows the files by looking at them, which sees also a link that is swapped anywhere on their paths. */
export class CertificateFollower {
  readonly #files: CertificateFiles;
  #seen: string;
  #current: OwnCertificate;

  private constructor(files: CertificateFiles, seen: string, current: OwnCertificate) {
    this.#files = files;
    this.#seen = seen;
    this.#current = current;
  }

  /** Rejects with `validation` when the files cannot be used. */
  static async open(files: CertificateFiles): Promise<CertificateFollower> {
    const seen = await fingerprint(files);
    return new CertificateFollower(files, seen, await load(files));
  }

  get current(): OwnCertificate {
    return this.#current;
  }

  /** Takes new files in; true when there were some. Rejects once for each bad pair, and goes on with the one before. */
  async refresh(): Promise<boolean> {
    const seen = await fingerprint(this.#files);
    if (seen === this.#seen) return false;
    this.#seen = seen;
    this.#current = await load(this.#files);
    return true;
  }
}

async function load({ certFile, keyFile }: CertificateFiles): Promise<OwnCertificate> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    const context = createSecureContext({ cert, key });
    const leaf = new X509Certificate(cert);
    return { context, covers: (name) => leaf.checkHost(name) !== undefined };
  } catch (error) {
    throw new BerthError(
      'validation',
      `The certificate ${certFile} cannot be used with the key ${keyFile}: ${messageOf(error)}. Expected a pair in PEM, the key without a passphrase.`,
      { cause: error },
    );
  }
}

/** Another one whenever a file was replaced or written to; a file that is not there has one too. */
async function fingerprint({ certFile, keyFile }: CertificateFiles): Promise<string> {
  const parts = await Promise.all(
    [certFile, keyFile].map((path) =>
      stat(path).then(
        ({ dev, ino, size, mtimeMs, ctimeMs }) => [dev, ino, size, mtimeMs, ctimeMs].join('.'),
        (error: unknown) => messageOf(error),
      ),
    ),
  );
  return parts.join(' ');
}
