import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkServerIdentity, connect, createServer, type SecureContext } from 'node:tls';
import { CaFolder } from '../ca-folder.ts';
import { type Issuer, makeAuthorityCertificate, makeServerCertificate } from '../certificates.ts';
import type { CertificateFiles } from '../own-certificate.ts';
import { openServerTls, type ServerTls } from '../server-tls.ts';

/** Seals nothing, but shows whether it was asked to. */
export const openBox = {
  seal: (secret: string, purpose: string) => `sealed ${purpose} ${Buffer.from(secret).toString('base64')}`,
  open: (sealed: string) => Buffer.from(sealed.split(' ')[2] ?? '', 'base64').toString(),
};

/** A home directory with its TLS; the clock begins now, since clients of the tests know no other time. */
export async function tlsFixture() {
  const folder = await mkdtemp(join(tmpdir(), 'berth-tls-'));
  const systemBundle = join(folder, 'system.pem');
  await writeFile(systemBundle, 'THE ROOTS OF THE SYSTEM\n');
  let nowMs = Date.now();
  const clock = { now: () => nowMs };
  const logged: string[] = [];
  const log = {
    info: (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`),
    warn: (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`),
  };
  const caFolder = new CaFolder({ dir: join(folder, 'home-ca'), systemBundles: [systemBundle] });
  return {
    folder,
    systemBundle,
    now: clock.now,
    passDays: (days: number) => void (nowMs += days * 24 * 3_600_000),
    logged,
    caFolder,
    open: (names: readonly string[], own?: CertificateFiles): Promise<ServerTls> =>
      openServerTls({
        authority: { dir: join(folder, 'home', 'tls'), sealedBox: openBox },
        caFolder: new CaFolder({ dir: join(folder, 'home-ca'), systemBundles: [systemBundle] }),
        names,
        own,
        clock,
        log,
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** A pair as a company's CA would sign it, in files. */
export async function writePair(files: CertificateFiles, names: readonly string[]): Promise<void> {
  const { certificate, key } = makePair(names);
  await writeFile(files.certFile, certificate);
  await writeFile(files.keyFile, key);
}

export function makePair(names: readonly string[], issuer: Issuer = makeIssuer(names)) {
  const validity = { fromMs: Date.now() - 1000, untilMs: Date.now() + 86_400_000 };
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return {
    certificate: makeServerCertificate(issuer, { names, publicKey, validity }).toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

export function makeIssuer(permitted: readonly string[]): Issuer {
  const validity = { fromMs: Date.now() - 1000, untilMs: Date.now() + 86_400_000 };
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return {
    key,
    certificate: makeAuthorityCertificate({ commonName: 'A company', key, permitted, validity }),
  };
}

/** How a client that trusts `ca` meets a server: `trusted`, or why not. An empty name stands for a call by IP address. */
export async function shake(context: SecureContext, ca: string, name: string): Promise<string> {
  const server = createServer({ SNICallback: (_name, answer) => answer(null, context) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve) => {
      const socket = connect(
        {
          host: '127.0.0.1',
          port,
          ca,
          servername: name,
          checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
        },
        () => resolve('trusted'),
      );
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once('secureConnect', () => socket.destroy());
    });
  } finally {
    server.close();
  }
}
