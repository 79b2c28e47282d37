import { readPolicy } from '../../auth/policies/read-policy.ts';
import { endpointArn, parseResourceArn, runtimeArn } from '../../runtimes/arns.ts';
import { requireEndpoint, requireRuntime } from '../../runtimes/require-runtime.ts';
import type { RuntimeReads, RuntimeStore } from '../../runtimes/runtime-store.ts';
import type { Clock } from '../../shared/clock.ts';
import { BerthError, invalidField } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';

export interface ResourcePoliciesParts {
  readonly store: Pick<RuntimeStore, 'findRuntime' | 'findEndpoint' | 'listPolicies' | 'transact'>;
  /** That a policy can name, with their services. */
  readonly knownActions: readonly string[];
  readonly clock: Pick<Clock, 'now'>;
}

/** Resource policies of runtimes and endpoints. Rejects with `not-found` for those that are not there, `validation` for any other resource. */
export class ResourcePolicies {
  readonly #parts: ResourcePoliciesParts;

  constructor(parts: ResourcePoliciesParts) {
    this.#parts = parts;
  }

  /** Counts from the next call on. Rejects with `validation` for what Berth would not follow to the letter. */
  async put(scope: Scope, resourceArn: string, text: string): Promise<void> {
    const { store, clock, knownActions } = this.#parts;
    const place = { resourceArn, accountId: scope.accountId, knownActions };
    await store.transact(async (records) => {
      await requireResource(records, scope, resourceArn);
      readPolicy(text, place);
      await records.putPolicy(resourceArn, text, clock.now());
    });
  }

  /** As it was given; undefined when the resource has none. */
  async find(scope: Scope, resourceArn: string): Promise<string | undefined> {
    const { store } = this.#parts;
    await requireResource(store, scope, resourceArn);
    return (await store.listPolicies(resourceArn)).get(resourceArn);
  }

  /** Idempotent. */
  async remove(scope: Scope, resourceArn: string): Promise<void> {
    await this.#parts.store.transact(async (records) => {
      await requireResource(records, scope, resourceArn);
      await records.removePolicy(resourceArn);
    });
  }
}

async function requireResource(
  reads: Pick<RuntimeReads, 'findRuntime' | 'findEndpoint'>,
  scope: Scope,
  resourceArn: string,
): Promise<void> {
  const name = parseResourceArn(resourceArn);
  if (name.kind !== 'runtime' && name.kind !== 'endpoint')
    throw invalidField(
      'resourceArn',
      `Only runtimes and their endpoints have resource policies here; ${resourceArn} is neither.`,
    );
  const own =
    name.kind === 'runtime'
      ? runtimeArn(scope, name.runtimeId)
      : endpointArn(scope, name.runtimeId, name.endpointName);
  if (resourceArn !== own)
    throw new BerthError(
      'not-found',
      `There is no ${resourceArn} here; this server's resources are like ${own}.`,
    );
  await requireRuntime(reads, scope, name.runtimeId);
  if (name.kind === 'endpoint') await requireEndpoint(reads, name.runtimeId, name.endpointName);
}
