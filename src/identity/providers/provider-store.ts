import type { Scope } from '../../shared/ids.ts';
import type { ProviderKind, StoredOauthProvider, StoredProvider } from './stored-provider.ts';

/** The most that an account may have in a region. */
export interface ProviderQuotas {
  /** Providers of the kind. */
  readonly providers: number;
  /** Secrets of providers of any kind that the vault keeps. */
  readonly managedSecrets: number;
}

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
  /** Adds it with its tags (kept under `arn`). Changes nothing and says why when the name is taken, or a quota used up. */
  insert(
    provider: StoredProvider,
    tagging: { readonly arn: string; readonly tags: Readonly<Record<string, string>> },
    quotas: ProviderQuotas,
  ): Promise<'added' | 'name-taken' | 'too-many' | 'too-many-secrets'>;
  /**
   * Takes the place of the one with the same id and the revision before. Changes nothing and says why when that is not there, or when the
   * vault would keep its secret for the first time and keeps as many as it may.
   */
  replace(
    provider: StoredProvider,
    quotas: Pick<ProviderQuotas, 'managedSecrets'>,
  ): Promise<'replaced' | 'overtaken' | 'too-many-secrets'>;
  /** In the order of their keys. */
  tags(arn: string): Promise<Readonly<Record<string, string>>>;
  /** With its tags. Answers the id of what was there. */
  remove(scope: Scope, kind: ProviderKind, name: string, arn: string): Promise<string | undefined>;
}
