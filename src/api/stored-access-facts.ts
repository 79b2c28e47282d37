import type { AccessFacts, EndpointFacts, RuntimeFacts } from '../auth/access-facts.ts';
import type { PolicyDocument } from '../auth/policies/policy-document.ts';
import { type PolicyPlace, readPolicy } from '../auth/policies/read-policy.ts';
import { endpointArn, runtimeArn } from '../runtimes/arns.ts';
import type { RuntimeStore } from '../runtimes/runtime-store.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { RuntimeId, Scope } from '../shared/ids.ts';

export interface StoredAccessFacts extends AccessFacts {
  /** For a runtime that another process has changed. */
  forget(runtimeId: RuntimeId): void;
  /** When another process may have changed any. */
  forgetAll(): void;
}

export interface StoredAccessFactsParts {
  /** The server's only account and region. */
  readonly scope: Scope;
  readonly store: Pick<RuntimeStore, 'findRuntime' | 'listTagsBelow' | 'listPolicies' | 'onChange'>;
  /** That a policy can name, with their services. */
  readonly knownActions: readonly string[];
}

/** Tags and policies of runtimes, from memory once read; all of a runtime is read at once, whatever endpoints callers name. */
export function createStoredAccessFacts({
  scope,
  store,
  knownActions,
}: StoredAccessFactsParts): StoredAccessFacts {
  const known = new Map<string, RuntimeFacts>();
  // A read that began before a change must not outlive it.
  const changes = new Map<string, number>();
  let reads = 0;
  let forgotten = 0;
  const forgetAll = () => {
    known.clear();
    forgotten += 1;
  };
  const forget = (runtimeId: RuntimeId) => {
    known.delete(runtimeId);
    if (reads > 0) changes.set(runtimeId, (changes.get(runtimeId) ?? 0) + 1);
  };
  store.onChange(forget);
  const read = async (runtimeId: RuntimeId): Promise<RuntimeFacts | undefined> => {
    reads += 1;
    const [forgottenBefore, changesBefore] = [forgotten, changes.get(runtimeId)];
    try {
      const runtime = await store.findRuntime(runtimeId);
      if (runtime?.accountId !== scope.accountId || runtime.region !== scope.region) return undefined;
      const facts = await readFacts(store, runtime, knownActions);
      const isCurrent = forgotten === forgottenBefore && changes.get(runtimeId) === changesBefore;
      if (isCurrent) known.set(runtimeId, facts);
      return facts;
    } finally {
      reads -= 1;
      if (reads === 0) changes.clear();
    }
  };
  return { forget, forgetAll, find: (runtimeId) => known.get(runtimeId) ?? read(runtimeId as RuntimeId) };
}

async function readFacts(
  store: Omit<StoredAccessFactsParts['store'], 'onChange'>,
  runtime: Runtime,
  knownActions: readonly string[],
): Promise<RuntimeFacts> {
  const arn = runtimeArn(runtime, runtime.id);
  const [tags, texts] = await Promise.all([store.listTagsBelow(arn), store.listPolicies(arn)]);
  const policies = new Map(
    [...texts].map(([resourceArn, text]) => [
      resourceArn,
      readStored(text, { resourceArn, accountId: runtime.accountId, knownActions }),
    ]),
  );
  const of = (resourceArn: string): EndpointFacts => ({
    tags: tags.get(resourceArn) ?? {},
    policy: policies.get(resourceArn),
  });
  return {
    name: runtime.name,
    ...of(arn),
    endpoint: (name) => of(endpointArn(runtime, runtime.id, name)),
  };
}

/** One that this version of Berth would not take means nobody, until an administrator has put another one in its place. */
function readStored(text: string, place: PolicyPlace): PolicyDocument {
  try {
    return readPolicy(text, place);
  } catch {
    return { statements: [refusal] };
  }
}

const refusal: PolicyDocument['statements'][number] = {
  sid: 'PolicyCannotBeRead',
  effect: 'Deny',
  principals: [{ kind: 'anyone' }],
  actions: ['*'],
  isNotAction: false,
  conditions: [],
};
