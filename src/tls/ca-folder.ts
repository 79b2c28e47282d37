import { chmod, lstat, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { BerthError, messageOf } from '../shared/errors.ts';
import { writeWhole } from './write-whole.ts';

export interface CaFolderParts {
  readonly dir: string;
  /** The first of these that is there holds the roots that this machine trusts. */
  readonly systemBundles?: readonly string[];
}

/** By distribution: Debian and Alpine, Fedora, openSUSE, others. */
const knownBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** A folder that everybody can read: the CA's certificate, and a bundle of the system's roots with it. */
export class CaFolder {
  /** The CA's certificate alone. */
  readonly caFile: string;
  /** For variables that replace a client's roots. */
  readonly bundleFile: string;
  readonly #dir: string;
  readonly #systemBundles: readonly string[];
  #seen = '';

  constructor({ dir, systemBundles = knownBundles }: CaFolderParts) {
    this.#dir = dir;
    this.caFile = join(dir, 'ca.pem');
    this.bundleFile = join(dir, 'bundle.pem');
    this.#systemBundles = systemBundles;
  }

  /** Writes both when they are not there, or when the CA or the system's roots have changed. */
  async publish(caPem: string): Promise<void> {
    const system = await this.#findSystemBundle();
    const seen = `${system?.state} ${caPem}`;
    if (seen === this.#seen && (await exists(this.bundleFile)) && (await exists(this.caFile))) return;
    await makePublicFolder(this.#dir);
    const roots = system === undefined ? rootCertificates.join('\n') : await readFile(system.path, 'utf8');
    await writeWhole(this.caFile, caPem, 0o644);
    await writeWhole(this.bundleFile, `${roots.trimEnd()}\n${caPem}`, 0o644);
    this.#seen = seen;
  }

  async #findSystemBundle(): Promise<{ readonly path: string; readonly state: string } | undefined> {
    for (const path of this.#systemBundles) {
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() !== true) continue;
      return { path, state: [path, found.ino, found.size, found.mtimeMs].join(' ') };
    }
    return undefined;
  }
}

/** What is trusted must come from here: a folder that somebody else made or can write to is refused. */
async function makePublicFolder(dir: string): Promise<void> {
  await mkdir(dir, { mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST')
      throw new BerthError(
        'validation',
        `${dir}, for the CA certificate, cannot be made: ${messageOf(error)}`,
        {
          cause: error,
        },
      );
  });
  const found = await lstat(dir);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0) {
    // Whatever the umask has taken away.
    await chmod(dir, 0o755);
    return;
  }
  throw new BerthError(
    'validation',
    `${dir} belongs to somebody else or can be written to by others: remove it; the server makes it anew for its CA certificate.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
