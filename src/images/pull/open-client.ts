import type { ImageReference } from '../reference.ts';
import { type DockerLogin, findDockerLogin } from './docker-config.ts';
import { MirroredClient } from './mirrored-client.ts';
import { findPullHosts } from './pull-hosts.ts';
import type { RegistryCredentialStore } from './registry-credentials.ts';
import type { RegistryTransport } from './registry-transport.ts';

export interface OpenClientParts {
  readonly credentials: Pick<RegistryCredentialStore, 'find'>;
  /** Docker's config.json, asked when `credentials` has nothing. */
  readonly dockerConfigFile: string | undefined;
  /** Folders with the mirrors and certificates of registries. */
  readonly registryFolders: readonly string[];
  readonly transport: Pick<RegistryTransport, 'send'>;
}

/** A client for the repository of `reference`, with the mirrors and log-ins that are configured now. Rejects with `validation`. */
export async function openClient(
  parts: OpenClientParts,
  { registry, repository }: Pick<ImageReference, 'registry' | 'repository'>,
): Promise<MirroredClient> {
  const { transport, registryFolders } = parts;
  const hosts = await findPullHosts(registryFolders, registry);
  return new MirroredClient({
    transport,
    repository,
    hosts: await Promise.all(hosts.map(async (host) => ({ host, login: await findLogin(parts, host.name) }))),
  });
}

async function findLogin(
  { credentials, dockerConfigFile }: OpenClientParts,
  registry: string,
): Promise<DockerLogin | undefined> {
  const credential = await credentials.find(registry);
  if (credential !== undefined) return { kind: 'password', credential };
  return dockerConfigFile === undefined ? undefined : findDockerLogin(dockerConfigFile, registry);
}
