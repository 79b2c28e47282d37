import type { WorkloadIdentityStore } from '../../identity/workload-identity-store.ts';
import { parseResourceArn, type ResourceName } from '../../runtimes/arns.ts';
import type { RuntimeReads } from '../../runtimes/runtime-store.ts';
import { BerthError } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import type { Database } from '../../storage/database.ts';
import { listTags, putTags, removeTags } from '../../storage/resource-tags.ts';
import { newTags } from './new-tags.ts';

export interface ResourceTaggingParts {
  readonly database: Database;
  readonly runtimes: Pick<RuntimeReads, 'findRuntime' | 'findEndpoint'>;
  readonly identities: Pick<WorkloadIdentityStore, 'find'>;
}

const mostTags = 50;

/** Tags of runtimes, endpoints and workload identities that exist. Throws `not-found` for any other ARN. */
export class ResourceTagging {
  readonly #parts: ResourceTaggingParts;

  constructor(parts: ResourceTaggingParts) {
    this.#parts = parts;
  }

  async tag(scope: Scope, arn: string, added: Readonly<Record<string, string>>): Promise<void> {
    const tags = newTags(added);
    await this.#requireResource(scope, arn);
    await this.#parts.database.transaction().execute(async (transaction) => {
      const all = { ...(await listTags(transaction, arn)), ...tags };
      if (Object.keys(all).length > mostTags) throw tooManyTags(arn);
      await putTags(transaction, arn, tags);
    });
  }

  async untag(scope: Scope, arn: string, keys: readonly string[]): Promise<void> {
    await this.#requireResource(scope, arn);
    await removeTags(this.#parts.database, arn, keys);
  }

  async list(scope: Scope, arn: string): Promise<Record<string, string>> {
    await this.#requireResource(scope, arn);
    return listTags(this.#parts.database, arn);
  }

  async #requireResource(scope: Scope, arn: string): Promise<void> {
    const name = parseResourceArn(arn);
    const isOwn = name.scope.accountId === scope.accountId && name.scope.region === scope.region;
    if (isOwn && (await this.#exists(name))) return;
    throw new BerthError(
      'not-found',
      `There is no taggable resource ${arn}. Runtimes, their endpoints and workload identities of this account and region can be tagged.`,
    );
  }

  async #exists(name: ResourceName): Promise<boolean> {
    const { runtimes, identities } = this.#parts;
    if (name.kind === 'other') return false;
    if (name.kind === 'workload-identity')
      return (await identities.find(name.scope, name.name)) !== undefined;
    const runtime = await runtimes.findRuntime(name.runtimeId);
    const isOwn = runtime?.accountId === name.scope.accountId && runtime.region === name.scope.region;
    if (!isOwn || name.kind === 'runtime') return isOwn;
    return (await runtimes.findEndpoint(name.runtimeId, name.endpointName)) !== undefined;
  }
}

function tooManyTags(arn: string): BerthError {
  return new BerthError(
    'quota-exceeded',
    `The resource ${arn} would have more than ${mostTags} tags. Remove some with UntagResource first.`,
  );
}
