import { BerthError } from '../../shared/errors.ts';
import { isDigest } from '../digest.ts';
import type { DockerLogin } from './docker-config.ts';
import type { PullHost } from './pull-host.ts';
import { RegistryClient } from './registry-client.ts';
import type { RegistryResponse, RegistryTransport } from './registry-transport.ts';

export interface MirroredClientParts {
  readonly transport: Pick<RegistryTransport, 'send'>;
  readonly repository: string;
  /** In the order in which they are asked, each with a log-in of its own. */
  readonly hosts: readonly { readonly host: PullHost; readonly login: DockerLogin | undefined }[];
}

export interface MirroredCall {
  /** From 1. Each further attempt begins with the next host, since what a host sent may have been wrong or broken off. */
  readonly attempt: number;
  readonly signal: AbortSignal | undefined;
}

/** Reads one repository from its registry or a mirror of it: whichever of them answers first, in order. */
export class MirroredClient {
  readonly #clients: readonly { readonly client: RegistryClient; readonly canResolve: boolean }[];

  constructor({ hosts, transport, repository }: MirroredClientParts) {
    this.#clients = hosts.map(({ host, login }) => ({
      client: new RegistryClient({ transport, repository, host, login }),
      canResolve: host.canResolve,
    }));
  }

  /** True when the attempt after this one begins with a host that has not been asked first yet. */
  hasAnother(attempt: number): boolean {
    return attempt < this.#clients.length;
  }

  /** As `RegistryClient.get`. Rejects with the failure of the registry itself, or of the last host that was asked. */
  async get(
    path: string,
    headers: Readonly<Record<string, string>>,
    { attempt, signal }: MirroredCall,
  ): Promise<RegistryResponse> {
    const isTag = path.startsWith('manifests/') && !isDigest(path.slice('manifests/'.length));
    const able = this.#clients.filter(({ canResolve }) => canResolve || !isTag);
    const first = able.length === 0 ? 0 : (attempt - 1) % able.length;
    let failure: unknown = new BerthError(
      'validation',
      'The registry configuration leaves no host that may be asked what a tag means. Give one the capability resolve.',
    );
    let ownFailure: unknown;
    for (const current of [...able.slice(first), ...able.slice(0, first)]) {
      try {
        return await current.client.get(path, headers, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof BerthError)) throw error;
        failure = error;
        if (current === this.#clients.at(-1)) ownFailure = error;
      }
    }
    throw ownFailure ?? failure;
  }
}
