import { BerthError } from '../shared/errors.ts';
import type { RuntimeId, Scope } from '../shared/ids.ts';
import { runtimeArn } from './arns.ts';
import { isBeingDeleted, requireEndpoint, requireRuntime } from './require-runtime.ts';
import type {
  InvocationTarget,
  InvocationTargets,
  Runtime,
  RuntimeEndpoint,
  RuntimeVersion,
} from './runtime.ts';
import type { RuntimeStore } from './runtime-store.ts';
import { parseSandboxOptions, type SandboxOptions } from './sandbox-options.ts';

type Reads = Pick<RuntimeStore, 'findRuntime' | 'findEndpoint' | 'findVersion' | 'listTags'>;

export interface CachedInvocationTargets extends InvocationTargets {
  /** For a runtime that another process has changed. */
  forget(runtimeId: RuntimeId): void;
  /** When another process may have changed any. */
  forgetAll(): void;
}

/** Answers from memory on the hot path; what a committed change touches is read anew. */
export function createCachedInvocationTargets(
  store: Reads & Pick<RuntimeStore, 'onChange'>,
): CachedInvocationTargets {
  const known = new Map<RuntimeId, CachedReads>();
  store.onChange((runtimeId) => known.delete(runtimeId));
  const readsOf = (runtimeId: RuntimeId): CachedReads => {
    const reads = known.get(runtimeId) ?? new CachedReads(store);
    known.set(runtimeId, reads);
    return reads;
  };
  return {
    forget: (runtimeId) => void known.delete(runtimeId),
    forgetAll: () => known.clear(),
    async find(scope, runtimeId, endpointName) {
      const reads = readsOf(runtimeId);
      try {
        return await findTarget(reads, scope, runtimeId, endpointName);
      } finally {
        // Unknown ids must not fill the memory.
        if (reads.runtime === undefined && known.get(runtimeId) === reads) known.delete(runtimeId);
      }
    },
    async findVersion(runtimeId, version) {
      const reads = known.get(runtimeId);
      return reads === undefined
        ? store.findVersion(runtimeId, version)
        : reads.findVersion(runtimeId, version);
    },
    async findOptions(runtimeId) {
      const reads = readsOf(runtimeId);
      try {
        return await reads.findOptions(runtimeId);
      } finally {
        if (reads.runtime === undefined && known.get(runtimeId) === reads) known.delete(runtimeId);
      }
    },
  };
}

/** What is known of one runtime; thrown away whole when anything of it changes, so a late answer can only reach the old one. */
class CachedReads implements Omit<Reads, 'listTags'> {
  readonly #store: Reads;
  readonly #endpoints = new Map<string, RuntimeEndpoint>();
  readonly #versions = new Map<number, RuntimeVersion>();
  #options: SandboxOptions | undefined;
  runtime: Runtime | undefined;

  constructor(store: Reads) {
    this.#store = store;
  }

  async findRuntime(runtimeId: RuntimeId): Promise<Runtime | undefined> {
    this.runtime ??= await this.#store.findRuntime(runtimeId);
    return this.runtime;
  }

  async findOptions(runtimeId: RuntimeId): Promise<SandboxOptions> {
    const runtime = await this.findRuntime(runtimeId);
    if (runtime === undefined) return {};
    this.#options ??= parseSandboxOptions(await this.#store.listTags(runtimeArn(runtime, runtimeId)));
    return this.#options;
  }

  async findEndpoint(runtimeId: RuntimeId, name: string): Promise<RuntimeEndpoint | undefined> {
    const endpoint = this.#endpoints.get(name) ?? (await this.#store.findEndpoint(runtimeId, name));
    if (endpoint !== undefined) this.#endpoints.set(name, endpoint);
    return endpoint;
  }

  async findVersion(runtimeId: RuntimeId, number: number): Promise<RuntimeVersion | undefined> {
    const version = this.#versions.get(number) ?? (await this.#store.findVersion(runtimeId, number));
    if (version !== undefined) this.#versions.set(number, version);
    return version;
  }
}

async function findTarget(
  reads: Omit<Reads, 'listTags'>,
  scope: Scope,
  runtimeId: RuntimeId,
  endpointName: string,
): Promise<InvocationTarget> {
  const runtime = await requireRuntime(reads, scope, runtimeId);
  if (isBeingDeleted(runtime.status)) {
    throw new BerthError('not-found', `Agent runtime ${runtimeId} is ${runtime.status}.`);
  }
  const endpoint = await requireEndpoint(reads, runtimeId, endpointName);
  if (endpoint.liveVersion === undefined) throw notServing(endpoint);
  const version = await reads.findVersion(runtimeId, endpoint.liveVersion);
  if (version === undefined) throw notServing(endpoint);
  return { runtime, endpoint, version };
}

function notServing(endpoint: RuntimeEndpoint): BerthError {
  const why =
    endpoint.failureReason === undefined ? 'Wait until it is READY.' : `Reason: ${endpoint.failureReason}`;
  return new BerthError(
    'validation',
    `Endpoint ${endpoint.name} of agent runtime ${endpoint.runtimeId} is ${endpoint.status} and has no version to serve. ${why}`,
  );
}
