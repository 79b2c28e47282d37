import type { WorkloadIdentityStore } from '../../identity/workload-identity-store.ts';
import type { ProviderStore } from '../../identity/providers/provider-store.ts';
import { canonicalArn, parseResourceArn, type ResourceName } from '../../runtimes/arns.ts';
import type { RuntimeStore } from '../../runtimes/runtime-store.ts';
import { BerthError } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import {
  newRuntimeTags,
  newProviderTags,
  newTags,
  type OptionProblem,
  requireNoNewProblem,
  requireSensible,
} from './new-tags.ts';

export interface ResourceTaggingParts {
  readonly store: Pick<RuntimeStore, 'findRuntime' | 'findEndpoint' | 'listTags' | 'transact'>;
  readonly identities: Pick<WorkloadIdentityStore, 'find'>;
  readonly providers: Pick<ProviderStore, 'find'>;
  readonly optionProblem: OptionProblem;
}

const mostTags = 50;

/** Tags of runtimes, endpoints, workload identities and credential providers that exist. Throws `not-found` for any other ARN. */
export class ResourceTagging {
  readonly #parts: ResourceTaggingParts;

  constructor(parts: ResourceTaggingParts) {
    this.#parts = parts;
  }

  async tag(scope: Scope, givenArn: string, added: Readonly<Record<string, string>>): Promise<void> {
    const { store, optionProblem } = this.#parts;
    const { kind, arn } = await this.#requireResource(scope, givenArn);
    const isRuntime = kind === 'runtime';
    const checked = kind === 'provider' ? newProviderTags : newTags;
    const tags = isRuntime ? newRuntimeTags(added, () => undefined) : checked(added);
    await store.transact(async (records) => {
      const all = { ...(await records.listTags(arn)), ...tags };
      // Some options depend on others, which the runtime may have already.
      if (isRuntime) newRuntimeTags(all, optionProblem);
      if (Object.keys(all).length > mostTags) throw tooManyTags(arn);
      if (kind === 'runtime') requireSensible(all);
      await records.putTags(arn, tags);
    });
  }

  async untag(scope: Scope, givenArn: string, keys: readonly string[]): Promise<void> {
    const { store, optionProblem } = this.#parts;
    const { kind, arn } = await this.#requireResource(scope, givenArn);
    await store.transact(async (records) => {
      const all = await records.listTags(arn);
      const left = Object.fromEntries(Object.entries(all).filter(([key]) => !keys.includes(key)));
      if (kind === 'runtime') {
        requireSensible(left);
        requireNoNewProblem(all, left, optionProblem);
      }
      await records.removeTags(arn, keys);
    });
  }

  async list(scope: Scope, givenArn: string): Promise<Readonly<Record<string, string>>> {
    const { arn } = await this.#requireResource(scope, givenArn);
    return this.#parts.store.listTags(arn);
  }

  /** With the ARN that its tags are kept under. */
  async #requireResource(
    scope: Scope,
    arn: string,
  ): Promise<{ readonly kind: ResourceName['kind']; readonly arn: string }> {
    const name = parseResourceArn(arn);
    const isOwn = name.scope.accountId === scope.accountId && name.scope.region === scope.region;
    if (isOwn && name.kind !== 'other' && (await this.#exists(name)))
      return { kind: name.kind, arn: canonicalArn(name) };
    throw new BerthError(
      'not-found',
      `There is no taggable resource ${arn}. Runtimes, their endpoints, workload identities and credential providers of this account and region can be tagged.`,
    );
  }

  async #exists(name: Exclude<ResourceName, { kind: 'other' }>): Promise<boolean> {
    const { store, identities, providers } = this.#parts;
    if (name.kind === 'provider')
      return (await providers.find(name.scope, name.providerKind, name.name)) !== undefined;
    if (name.kind === 'workload-identity')
      return (await identities.find(name.scope, name.name)) !== undefined;
    const runtime = await store.findRuntime(name.runtimeId);
    const isOwn = runtime?.accountId === name.scope.accountId && runtime.region === name.scope.region;
    if (!isOwn || name.kind === 'runtime') return isOwn;
    return (await store.findEndpoint(name.runtimeId, name.endpointName)) !== undefined;
  }
}

function tooManyTags(arn: string): BerthError {
  return new BerthError(
    'quota-exceeded',
    `The resource ${arn} would have more than ${mostTags} tags. Remove some with UntagResource first.`,
  );
}
