import type { Scope } from '../../shared/ids.ts';
import type { ProviderKind, StoredOauthProvider, StoredProvider } from './stored-provider.ts';

export interface ProviderStore {
  find<Kind extends ProviderKind>(
    scope: Scope,
    kind: Kind,
    name: string,
  ): Promise<Extract<StoredProvider, { kind: Kind }> | undefined>;
  findByCallback(callbackId: string): Promise<StoredOauthProvider | undefined>;
  /** Up to `limit` of the kind, by name, those that come after `after`. */
  list<Kind extends ProviderKind>(
    scope: Scope,
    kind: Kind,
    query: { readonly limit: number; readonly after: string | undefined },
  ): Promise<readonly Extract<StoredProvider, { kind: Kind }>[]>;
  /** Adds it with its tags (kept under `arn`). Changes nothing and says why when the name is taken, or when there are `quota` of the kind. */
  insert(
    provider: StoredProvider,
    tagging: { readonly arn: string; readonly tags: Readonly<Record<string, string>> },
    quota: number,
  ): Promise<'added' | 'name-taken' | 'too-many'>;
  /** Takes the place of the one with the same id and the revision before. Says whether that was there. */
  replace(provider: StoredProvider): Promise<boolean>;
  /** In the order of their keys. */
  tags(arn: string): Promise<Readonly<Record<string, string>>>;
  /** With its tags. Answers the id of what was there. */
  remove(scope: Scope, kind: ProviderKind, name: string, arn: string): Promise<string | undefined>;
}
