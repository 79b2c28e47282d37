import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import { newRuntimeId, type RandomSource, type RuntimeId, type Scope } from '../shared/ids.ts';
import { runtimeArn } from './arns.ts';
import { isBeingDeleted, refuseInTransition, requireRuntime, requireVersion } from './require-runtime.ts';
import {
  defaultEndpointName,
  type Runtime,
  type RuntimeEndpoint,
  type RuntimeVersion,
  workloadNameOf,
} from './runtime.ts';
import type { RuntimeRecords, RuntimeStore } from './runtime-store.ts';
import { completeSettings, type RequestedSettings } from './version-settings.ts';

export interface RuntimeQuotas {
  readonly runtimes: number;
  readonly versionsPerRuntime: number;
}

export interface VersionedRuntime {
  readonly runtime: Runtime;
  readonly version: RuntimeVersion;
}

/** Create, update, read and delete; preparing images and taking things down goes on as jobs. */
export class Runtimes {
  readonly #parts: { store: RuntimeStore; quotas: RuntimeQuotas; clock: Clock; random: RandomSource };

  constructor(parts: { store: RuntimeStore; quotas: RuntimeQuotas; clock: Clock; random: RandomSource }) {
    this.#parts = parts;
  }

  /** Version 1 and the endpoint DEFAULT come with it. Throws `conflict` when the name is taken, `quota-exceeded`, `validation`. */
  create(
    scope: Scope,
    request: { name: string; settings: RequestedSettings; tags: Readonly<Record<string, string>> },
  ): Promise<VersionedRuntime> {
    const { store, quotas, clock, random } = this.#parts;
    const settings = completeSettings(request.settings);
    const id = newRuntimeId(random, request.name);
    const nowMs = clock.now();
    const common = {
      status: 'CREATING',
      failureReason: undefined,
      createdAtMs: nowMs,
      lastUpdatedAtMs: nowMs,
    } as const;
    const runtime: Runtime = {
      ...common,
      accountId: scope.accountId,
      region: scope.region,
      id,
      name: request.name,
      newestVersion: 1,
      servedVersion: undefined,
      workloadIdentityName: workloadNameOf(id),
    };
    const version: RuntimeVersion = { ...common, ...settings, runtimeId: id, version: 1 };
    const endpoint: RuntimeEndpoint = {
      ...common,
      runtimeId: id,
      name: defaultEndpointName,
      liveVersion: undefined,
      targetVersion: 1,
      description: undefined,
    };
    return store.transact(async (records) => {
      const taken = await records.findRuntimeByName(scope, request.name);
      if (taken !== undefined) throw nameTaken(taken);
      if ((await records.countRuntimes(scope)) >= quotas.runtimes) throw tooManyRuntimes(quotas.runtimes);
      await records.saveRuntime(runtime);
      await records.saveVersion(version);
      await records.saveEndpoint(endpoint);
      await records.putTags(runtimeArn(scope, id), request.tags);
      await records.enqueue({ kind: 'prepare-version', runtimeId: id, version: 1 });
      return { runtime, version };
    });
  }

  /** The newest version when `version` is not given. Throws `not-found`. */
  async get(scope: Scope, runtimeId: RuntimeId, version?: number): Promise<VersionedRuntime> {
    const { store } = this.#parts;
    const runtime = await requireRuntime(store, scope, runtimeId);
    return { runtime, version: await requireVersion(store, runtimeId, version ?? runtime.newestVersion) };
  }

  /** Makes the next version, a full snapshot; DEFAULT moves to it once it is READY. */
  update(scope: Scope, runtimeId: RuntimeId, requested: RequestedSettings): Promise<VersionedRuntime> {
    const settings = completeSettings(requested);
    return this.#parts.store.transact(async (records) => {
      const before = await requireRuntime(records, scope, runtimeId);
      refuseInTransition(`Agent runtime ${runtimeId}`, before.status, 'updated');
      if (isBeingDeleted(before.status)) throw onlyDelete(before);
      await this.#refuseTooManyVersions(records, before);
      const nowMs = this.#parts.clock.now();
      const newest = before.newestVersion + 1;
      const updating = { status: 'UPDATING', failureReason: undefined, lastUpdatedAtMs: nowMs } as const;
      const runtime: Runtime = { ...before, ...updating, newestVersion: newest };
      const version: RuntimeVersion = {
        ...settings,
        ...updating,
        runtimeId,
        version: newest,
        createdAtMs: nowMs,
      };
      await records.saveRuntime(runtime);
      await records.saveVersion(version);
      const endpoint = await records.findEndpoint(runtimeId, defaultEndpointName);
      if (endpoint) await records.saveEndpoint({ ...endpoint, ...updating, targetVersion: newest });
      await records.enqueue({ kind: 'prepare-version', runtimeId, version: newest });
      return { runtime, version };
    });
  }

  /** The runtime with all it has. Answers with it DELETING; it is gone when its sessions have ended. */
  delete(scope: Scope, runtimeId: RuntimeId): Promise<Runtime> {
    return this.#parts.store.transact(async (records) => {
      const before = await requireRuntime(records, scope, runtimeId);
      // What is being made may be given up at once: its image may come slowly, or never.
      if (before.status === 'DELETING')
        refuseInTransition(`Agent runtime ${runtimeId}`, before.status, 'deleted');
      const deleting = {
        status: 'DELETING',
        failureReason: undefined,
        lastUpdatedAtMs: this.#parts.clock.now(),
      } as const;
      const runtime: Runtime = { ...before, ...deleting };
      await records.saveRuntime(runtime);
      for (const endpoint of await records.listEndpoints(runtimeId, everyEndpoint)) {
        await records.saveEndpoint({ ...endpoint, ...deleting });
      }
      await records.enqueue({ kind: 'delete-runtime', runtimeId });
      return runtime;
    });
  }

  /** One version that nothing points at. Throws `conflict` for the newest and for one that an endpoint uses. */
  deleteVersion(scope: Scope, runtimeId: RuntimeId, number: number): Promise<RuntimeVersion> {
    return this.#parts.store.transact(async (records) => {
      const runtime = await requireRuntime(records, scope, runtimeId);
      const before = await requireVersion(records, runtimeId, number);
      if (isBeingDeleted(runtime.status)) throw onlyDelete(runtime);
      refuseInTransition(`Version ${number} of agent runtime ${runtimeId}`, before.status, 'deleted');
      await refuseVersionInUse(records, runtime, number);
      const version: RuntimeVersion = {
        ...before,
        status: 'DELETING',
        lastUpdatedAtMs: this.#parts.clock.now(),
      };
      await records.saveVersion(version);
      await records.enqueue({ kind: 'delete-version', runtimeId, version: number });
      return version;
    });
  }

  async #refuseTooManyVersions(records: RuntimeRecords, runtime: Runtime): Promise<void> {
    const limit = this.#parts.quotas.versionsPerRuntime;
    if (runtime.newestVersion >= highestVersion || (await records.countVersions(runtime.id)) >= limit) {
      throw new BerthError(
        'quota-exceeded',
        `Agent runtime ${runtime.id} has reached its limit of ${limit} versions. Delete old ones (DeleteAgentRuntime with a version), or raise the quota of versions per runtime.`,
      );
    }
  }
}

/** Five digits in the service model. */
const highestVersion = 99_999;
const everyEndpoint = { limit: 1_000_000, after: undefined };

async function refuseVersionInUse(records: RuntimeRecords, runtime: Runtime, version: number): Promise<void> {
  if (version === runtime.newestVersion) {
    throw new BerthError(
      'conflict',
      `Version ${version} is the newest of agent runtime ${runtime.id} and cannot be deleted alone. Update the runtime first, or delete it without naming a version.`,
    );
  }
  const endpoints = await records.listEndpointsAt(runtime.id, version);
  if (endpoints.length > 0) {
    const names = endpoints.map((endpoint) => endpoint.name).join(', ');
    throw new BerthError(
      'conflict',
      `Version ${version} of agent runtime ${runtime.id} is in use by the endpoint(s) ${names}. Point them at another version first.`,
    );
  }
}

function nameTaken(runtime: Runtime): BerthError {
  return new BerthError(
    'conflict',
    `An agent runtime named ${runtime.name} exists already: ${runtime.id}, ${runtime.status}. Update it with UpdateAgentRuntime, or choose another name.`,
  );
}

function tooManyRuntimes(limit: number): BerthError {
  return new BerthError(
    'quota-exceeded',
    `The account has reached its limit of ${limit} agent runtimes in this region. Delete some, or raise the quota of runtimes.`,
  );
}

function onlyDelete(runtime: Runtime): BerthError {
  return new BerthError(
    'conflict',
    `Agent runtime ${runtime.id} is ${runtime.status}; all that can be done with it is to delete it again.`,
  );
}
