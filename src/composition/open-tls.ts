import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Logger } from '../observability/logger.ts';
import { awsHostNames } from '../shared/aws-host-names.ts';
import type { Clock } from '../shared/clock.ts';
import type { AuthorityParts } from '../tls/authority.ts';
import { CaFolder } from '../tls/ca-folder.ts';
import { openServerTls, type ServerTls } from '../tls/server-tls.ts';
import { every } from './every.ts';
import { internalTlsPort } from './internal-listeners.ts';
import type { SandboxesParts } from './open-sandboxes.ts';

export interface TlsParts {
  readonly config: Pick<Config, 'home' | 'listen' | 'publicUrl' | 'region' | 'tls'>;
  readonly sealedBox: AuthorityParts['sealedBox'];
  readonly clock: Clock;
  readonly log: Logger;
}

/** How clients on this machine reach the listener and come to trust it; files that everybody can read. */
export interface ClientTls {
  readonly host: string;
  readonly port: number;
  /** The CA's certificate alone. */
  readonly caFile: string;
  /** The system's roots with it. */
  readonly bundleFile: string;
}

export interface Tls extends AsyncDisposable {
  readonly listen: { readonly host: string; readonly port: number };
  readonly certificates: ServerTls;
  readonly forClients: ClientTls;
  readonly forSandboxes: NonNullable<SandboxesParts['internalTls']>;
  /** The data plane by its AWS name. */
  readonly awsUrl: string;
}

/** Looking is cheap, and a certificate that was replaced should not be served for long. */
const lookEveryMs = 10_000;

/** Undefined when the settings ask for none. Rejects with `validation` when a certificate of the user's cannot be used. */
export async function openTls({ config, sealedBox, clock, log }: TlsParts): Promise<Tls | undefined> {
  const { home, region, tls } = config;
  if (tls === undefined) return undefined;
  const aws = awsHostNames(region);
  // Beside the home and not in it: the home is closed to everybody else.
  const caFolder = new CaFolder({ dir: `${home}-ca` });
  const certificates = await openServerTls({
    authority: { dir: join(home, 'tls'), sealedBox },
    caFolder,
    names: [
      aws.dataPlane,
      aws.controlPlane,
      aws.gateway('*'),
      ...aws.others,
      'berth.internal',
      'localhost',
      '127.0.0.1',
      '::1',
      ...ownNames(config, tls.listen.host),
    ],
    own: tls.own,
    clock,
    log,
  });
  const refreshing = every(clock, lookEveryMs, () => certificates.refresh());
  return {
    listen: tls.listen,
    certificates,
    forClients: { ...tls.listen, caFile: caFolder.caFile, bundleFile: caFolder.bundleFile },
    forSandboxes: {
      port: internalTlsPort,
      hostNames: [aws.dataPlane, aws.controlPlane],
      caBundle: caFolder.bundleFile,
    },
    awsUrl: `https://${aws.dataPlane}`,
    [Symbol.asyncDispose]: () => refreshing[Symbol.asyncDispose](),
  };
}

function ownNames({ publicUrl, listen }: TlsParts['config'], tlsHost: string): readonly string[] {
  const known = ['localhost', '127.0.0.1', '::1', '0.0.0.0', '::'];
  const publicHost = new URL(publicUrl).hostname.replace(/^\[|\]$/g, '');
  return [...new Set([publicHost, listen.host, tlsHost])].filter((name) => !known.includes(name));
}
