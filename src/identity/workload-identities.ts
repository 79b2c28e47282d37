import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import { type RandomSource, randomText, type Scope } from '../shared/ids.ts';
import type { WorkloadIdentity } from './workload-identity.ts';
import type { WorkloadIdentityStore } from './workload-identity-store.ts';

export interface WorkloadIdentitiesParts {
  readonly store: WorkloadIdentityStore;
  readonly quotas: { readonly workloadIdentities: number };
  readonly clock: Clock;
  readonly random: RandomSource;
  /** The ARN that an identity's tags are kept under. */
  readonly arnOf: (scope: Scope, name: string) => string;
  /** Told when the return URLs of one have changed. */
  readonly onChange?: () => void;
}

/**
 * Identities made by hand, and the view of those that belong to runtimes. A deletion that may not be is a `validation`: the service
 * models no conflict for it.
 */
export class WorkloadIdentities {
  readonly #parts: WorkloadIdentitiesParts;

  constructor(parts: WorkloadIdentitiesParts) {
    this.#parts = parts;
  }

  /** Throws `conflict` for a taken name, and `quota-exceeded`. */
  async create(
    scope: Scope,
    request: {
      name: string;
      returnUrls: readonly string[];
      tags: Readonly<Record<string, string>>;
    },
  ): Promise<WorkloadIdentity> {
    const { store, quotas, clock, random, arnOf } = this.#parts;
    const nowMs = clock.now();
    const identity: WorkloadIdentity = {
      accountId: scope.accountId,
      region: scope.region,
      name: request.name,
      incarnation: randomText(random, 16),
      ownerRuntimeId: undefined,
      returnUrls: request.returnUrls,
      createdAtMs: nowMs,
      lastUpdatedAtMs: nowMs,
    };
    const tagging = { arn: arnOf(scope, request.name), tags: request.tags };
    const result = await store.insert(identity, tagging, quotas.workloadIdentities);
    if (result === 'name-taken') throw nameTaken(request.name);
    if (result === 'too-many') throw tooMany(quotas.workloadIdentities);
    return identity;
  }

  /** Throws `not-found`. */
  async get(scope: Scope, name: string): Promise<WorkloadIdentity> {
    const identity = await this.#parts.store.find(scope, name);
    if (identity === undefined) throw identityNotFound(scope, name);
    return identity;
  }

  /** Sets the return URLs; without any given, nothing changes. A runtime's own identity may be updated too. */
  async update(
    scope: Scope,
    name: string,
    returnUrls: readonly string[] | undefined,
  ): Promise<WorkloadIdentity> {
    if (returnUrls === undefined) return this.get(scope, name);
    const { store, clock, onChange } = this.#parts;
    const identity = await store.setReturnUrls(scope, name, returnUrls, clock.now());
    if (identity === undefined) throw identityNotFound(scope, name);
    onChange?.();
    return identity;
  }

  /** Throws `validation` for one that belongs to a runtime. */
  async delete(scope: Scope, name: string): Promise<void> {
    const identity = await this.get(scope, name);
    if (identity.ownerRuntimeId !== undefined) {
      throw new BerthError(
        'validation',
        `Workload identity ${name} belongs to agent runtime ${identity.ownerRuntimeId} and goes with it. Delete the runtime instead.`,
        { reason: 'ResourceConflict' },
      );
    }
    await this.#parts.store.remove(scope, name, this.#parts.arnOf(scope, name));
  }

  /** By name. */
  list(
    scope: Scope,
    query: { readonly limit: number; readonly after: string | undefined },
  ): Promise<readonly WorkloadIdentity[]> {
    return this.#parts.store.list(scope, query);
  }
}

export function identityNotFound(scope: Scope, name: string): BerthError {
  return new BerthError(
    'not-found',
    `There is no workload identity ${name} in account ${scope.accountId}, region ${scope.region}. ListWorkloadIdentities names those that exist.`,
  );
}

function nameTaken(name: string): BerthError {
  return new BerthError(
    'conflict',
    `A workload identity named ${name} exists already. Choose another name, or use UpdateWorkloadIdentity.`,
  );
}

function tooMany(limit: number): BerthError {
  return new BerthError(
    'quota-exceeded',
    `The account has reached its limit of ${limit} workload identities in this region, those of runtimes not counted. Delete some, or raise the quota of workload identities.`,
  );
}
