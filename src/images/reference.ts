import { BerthError } from '../shared/errors.ts';
import { type Digest, isDigest } from './digest.ts';
import { isRepositoryName, isTag } from './repositories/repository-name.ts';

/** A container URI, taken apart. A digest wins over a tag. */
export interface ImageReference {
  /** Host, with its port when one was written; `docker.io` for Docker's shorthand. IPv6 hosts keep their brackets. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: Digest | undefined;
}

/** Names by which this server's own repositories are known. */
export interface LocalNames {
  readonly accountId: string;
  readonly publicUrl: string;
  readonly listen: { readonly host: string; readonly port: number };
}

/** `my-agent` is `docker.io/library/my-agent:latest`, as everywhere. Throws `validation`. */
export function parseReference(uri: string): ImageReference {
  if (uri.length > 1024) throw refused(`${uri.slice(0, 80)}...`, 'it is longer than 1024 characters');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(uri)) throw refused(uri, 'write it without a scheme such as https://');
  const [named = '', digest, ...more] = uri.split('@');
  if (more.length > 0 || (digest !== undefined && !isDigest(digest))) {
    throw refused(uri, 'after @ comes sha256: and 64 lower-case hex digits');
  }
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const hasHost =
    first.includes('.') || first.includes(':') || first === 'localhost' || first !== first.toLowerCase();
  const registry = hasHost ? first.toLowerCase() : 'docker.io';
  if (!hostPattern.test(registry) || portOf(registry) > 65_535)
    throw refused(uri, `'${registry}' is not a registry host`);

  const rest = hasHost ? named.slice(slash + 1) : named;
  const colon = rest.indexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  const isDockerHub = dockerHubNames.has(registry);
  const repository = isDockerHub && !path.includes('/') ? `library/${path}` : path;
  if (!isRepositoryName(repository)) {
    throw refused(
      uri,
      'a repository name is lower-case letters and digits, separated by one of . _ __ - or /',
    );
  }
  if (tag !== undefined && !isTag(tag))
    throw refused(uri, 'a tag is up to 128 letters, digits, dots, hyphens and underscores');
  const fallback = digest === undefined ? 'latest' : undefined;
  return { registry: isDockerHub ? 'docker.io' : registry, repository, tag: tag ?? fallback, digest };
}

/** True when the reference means a repository of this server, also when it is written the way ECR writes it. */
export function isLocal({ registry }: ImageReference, { accountId, publicUrl, listen }: LocalNames): boolean {
  if (ecrAccount(registry) === accountId) return true;
  const ownPort = `:${listen.port}`;
  const names = [
    `127.0.0.1${ownPort}`,
    `localhost${ownPort}`,
    `[::1]${ownPort}`,
    `${listen.host.toLowerCase()}${ownPort}`,
  ];
  if (names.includes(registry)) return true;
  const { host, hostname, protocol } = new URL(publicUrl);
  return registry === host || registry === `${hostname}:${protocol === 'https:' ? 443 : 80}`;
}

/** For messages: what the user would write. */
export function formatReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

const dockerHubNames = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);
const hostPattern =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?$/;
const ecrPattern = /^([0-9]{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/;

function ecrAccount(registry: string): string | undefined {
  return ecrPattern.exec(registry)?.[1];
}

function portOf(registry: string): number {
  return Number(/:([0-9]+)$/.exec(registry)?.[1] ?? 0);
}

function refused(uri: string, problem: string): BerthError {
  return new BerthError(
    'validation',
    `'${uri}' is not a container URI: ${problem}. Expected HOST[:PORT]/REPOSITORY[:TAG][@sha256:DIGEST].`,
  );
}
