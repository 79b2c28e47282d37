import type { Scope } from '../shared/ids.ts';
import type { WorkloadIdentity } from './workload-identity.ts';

export interface WorkloadIdentityStore {
  find(scope: Scope, name: string): Promise<WorkloadIdentity | undefined>;
  /** Up to `limit`, by name, those that come after `after`. */
  list(
    scope: Scope,
    query: { readonly limit: number; readonly after: string | undefined },
  ): Promise<readonly WorkloadIdentity[]>;
  /**
   * Adds it with its tags (kept under `arn`). Changes nothing and says why when the name is taken, or when there are `quota`
   * identities made by hand already.
   */
  insert(
    identity: WorkloadIdentity,
    tagging: { readonly arn: string; readonly tags: Readonly<Record<string, string>> },
    quota: number,
  ): Promise<'added' | 'name-taken' | 'too-many'>;
  /** Answers the identity as it is then; undefined when there is none. */
  setReturnUrls(
    scope: Scope,
    name: string,
    returnUrls: readonly string[],
    nowMs: number,
  ): Promise<WorkloadIdentity | undefined>;
  /** With its tags. Says whether it was there. */
  remove(scope: Scope, name: string, arn: string): Promise<boolean>;
}
