import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { RuntimeId, Scope } from '../shared/ids.ts';
import { endpointArn } from './arns.ts';
import {
  isBeingDeleted,
  refuseInTransition,
  requireEndpoint,
  requireRuntime,
  requireVersion,
} from './require-runtime.ts';
import { defaultEndpointName, type Runtime, type RuntimeEndpoint } from './runtime.ts';
import type { RuntimeRecords, RuntimeStore } from './runtime-store.ts';

export interface EndpointOfRuntime {
  readonly runtime: Runtime;
  readonly endpoint: RuntimeEndpoint;
}

/** Names that point at versions. DEFAULT belongs to the runtime and cannot be changed by hand. */
export class RuntimeEndpoints {
  readonly #parts: { store: RuntimeStore; quotas: { readonly endpointsPerRuntime: number }; clock: Clock };

  constructor(parts: {
    store: RuntimeStore;
    quotas: { readonly endpointsPerRuntime: number };
    clock: Clock;
  }) {
    this.#parts = parts;
  }

  /** At `version`, or at the newest one that has not failed. Throws `not-found`, `conflict`, `quota-exceeded`. */
  create(
    scope: Scope,
    runtimeId: RuntimeId,
    request: {
      name: string;
      version: number | undefined;
      description: string | undefined;
      tags: Readonly<Record<string, string>>;
    },
  ): Promise<EndpointOfRuntime> {
    const { store, quotas, clock } = this.#parts;
    return store.transact(async (records) => {
      const runtime = await requireUsableRuntime(records, scope, runtimeId);
      const taken = await records.findEndpoint(runtimeId, request.name);
      if (taken !== undefined) throw nameTaken(taken);
      const targetVersion = await chooseVersion(records, runtime, request.version);
      if ((await records.countEndpoints(runtimeId)) >= quotas.endpointsPerRuntime) {
        throw tooManyEndpoints(runtimeId, quotas.endpointsPerRuntime);
      }
      const nowMs = clock.now();
      const endpoint: RuntimeEndpoint = {
        runtimeId,
        name: request.name,
        status: 'CREATING',
        failureReason: undefined,
        liveVersion: undefined,
        targetVersion,
        description: request.description,
        createdAtMs: nowMs,
        lastUpdatedAtMs: nowMs,
      };
      await records.saveEndpoint(endpoint);
      await records.putTags(endpointArn(scope, runtimeId, request.name), request.tags);
      await records.enqueue({ kind: 'roll-out-endpoint', runtimeId, endpointName: request.name });
      return { runtime, endpoint };
    });
  }

  async get(scope: Scope, runtimeId: RuntimeId, name: string): Promise<EndpointOfRuntime> {
    const runtime = await requireRuntime(this.#parts.store, scope, runtimeId);
    return { runtime, endpoint: await requireEndpoint(this.#parts.store, runtimeId, name) };
  }

  /** What is not given stays. The live version serves until the target is known to be good. */
  update(
    scope: Scope,
    runtimeId: RuntimeId,
    name: string,
    change: { version: number | undefined; description: string | undefined },
  ): Promise<EndpointOfRuntime> {
    return this.#parts.store.transact(async (records) => {
      const runtime = await requireUsableRuntime(records, scope, runtimeId);
      const before = await requireEndpoint(records, runtimeId, name);
      if (name === defaultEndpointName) throw belongsToRuntime('updated');
      refuseInTransition(`Endpoint ${name}`, before.status, 'updated');
      const endpoint: RuntimeEndpoint = {
        ...before,
        status: 'UPDATING',
        failureReason: undefined,
        targetVersion: await chooseVersion(records, runtime, change.version ?? before.targetVersion),
        description: change.description ?? before.description,
        lastUpdatedAtMs: this.#parts.clock.now(),
      };
      await records.saveEndpoint(endpoint);
      await records.enqueue({ kind: 'roll-out-endpoint', runtimeId, endpointName: name });
      return { runtime, endpoint };
    });
  }

  /** At once; sessions that began on it go on. */
  delete(scope: Scope, runtimeId: RuntimeId, name: string): Promise<void> {
    return this.#parts.store.transact(async (records) => {
      const runtime = await requireUsableRuntime(records, scope, runtimeId);
      const endpoint = await requireEndpoint(records, runtimeId, name);
      if (name === defaultEndpointName) throw belongsToRuntime('deleted');
      refuseInTransition(`Endpoint ${name}`, endpoint.status, 'deleted');
      await records.removeEndpoint(runtime, name);
    });
  }
}

async function requireUsableRuntime(
  records: RuntimeRecords,
  scope: Scope,
  runtimeId: RuntimeId,
): Promise<Runtime> {
  const runtime = await requireRuntime(records, scope, runtimeId);
  if (!isBeingDeleted(runtime.status)) return runtime;
  throw new BerthError(
    'conflict',
    `Agent runtime ${runtimeId} is ${runtime.status}; its endpoints go with it.`,
  );
}

async function chooseVersion(
  records: RuntimeRecords,
  runtime: Runtime,
  wanted: number | undefined,
): Promise<number> {
  const newest = await requireVersion(records, runtime.id, wanted ?? runtime.newestVersion);
  const hasFailed = newest.status !== 'READY' && newest.status !== 'CREATING' && newest.status !== 'UPDATING';
  if (!hasFailed) return newest.version;
  if (wanted === undefined && runtime.servedVersion !== undefined) return runtime.servedVersion;
  throw new BerthError(
    'conflict',
    `Version ${newest.version} of agent runtime ${runtime.id} is ${newest.status} and cannot serve an endpoint. Choose a version that is READY.`,
  );
}

function nameTaken(endpoint: RuntimeEndpoint): BerthError {
  return new BerthError(
    'conflict',
    `Agent runtime ${endpoint.runtimeId} has an endpoint named ${endpoint.name} already. Update it with UpdateAgentRuntimeEndpoint, or choose another name.`,
  );
}

function belongsToRuntime(change: 'updated' | 'deleted'): BerthError {
  return new BerthError(
    'conflict',
    `The endpoint ${defaultEndpointName} follows the newest version by itself and cannot be ${change}. Create an endpoint with a name of your own for a version of your choice.`,
  );
}

function tooManyEndpoints(runtimeId: RuntimeId, limit: number): BerthError {
  return new BerthError(
    'quota-exceeded',
    `Agent runtime ${runtimeId} has reached its limit of ${limit} endpoints, ${defaultEndpointName} included. Delete some, or raise the quota of endpoints per runtime.`,
  );
}
