import { readFile } from 'node:fs/promises';
import { BerthError, messageOf } from '../../shared/errors.ts';
import { isLoopback, registryOrigin } from './registry-host.ts';

/** What a connection is checked with beside the usual roots, as PEM; the client's part only when the registry wants one. */
export interface HostTls {
  readonly ca: readonly string[];
  readonly client: { readonly cert: string; readonly key: string } | undefined;
}

/** One place where a registry's repositories can be read. */
export interface PullHost {
  /** Host and port: log-ins are kept by it. */
  readonly name: string;
  /** With the path under which repositories are, without a slash at its end. */
  readonly base: URL;
  /** May say what a tag means; else it is asked by digest only. */
  readonly canResolve: boolean;
  /** Sent to this host only. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: HostTls | undefined;
  /** Told to a mirror, which may serve several registries. */
  readonly namespace: string | undefined;
}

/** The registry itself. On loopback certificates are what tells that it speaks TLS. */
export function upstream(registry: string, tls: HostTls | undefined): PullHost {
  const base =
    tls === undefined ? registryOrigin(registry) : new URL(`https://${registryOrigin(registry).host}`);
  base.pathname = '/v2';
  return { name: registry, base, canResolve: true, headers: {}, tls, namespace: undefined };
}

/** A file next to, or named by, the configuration. Rejects with `validation`. */
export async function readCertificate(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new BerthError('validation', `The registry configuration cannot be used: ${messageOf(error)}.`);
  }
}

/** Throws `validation`: nothing is asked of a host that anybody on the way could be. */
export function requireProof(base: URL, path: string): void {
  if (base.protocol === 'https:' || isLoopback(base)) return;
  throw new BerthError(
    'validation',
    `${path} names ${base.origin}, which has no TLS. Give it TLS, with a CA of your own if need be, and name that in \`ca\`.`,
  );
}
