import type { Providers } from '../../identity/providers/providers.ts';
import type { ProviderKind, StoredProvider } from '../../identity/providers/stored-provider.ts';
import type { Scope } from '../../shared/ids.ts';
import { type Page, paginate } from '../pagination.ts';

/** One page of the providers of a kind, by name. */
export function providerPage<Kind extends ProviderKind>(
  providers: Pick<Providers, 'list'>,
  scope: Scope,
  kind: Kind,
  query: {
    readonly operation: string;
    readonly nextToken?: string | undefined;
    readonly maxResults?: number | undefined;
    /** The most that the model allows, used when the caller names no size. */
    readonly pageSize: number;
  },
): Promise<Page<Extract<StoredProvider, { kind: Kind }>>> {
  return paginate({
    list: [query.operation, scope.accountId, scope.region],
    nextToken: query.nextToken,
    maxResults: query.maxResults ?? query.pageSize,
    keyOf: ({ name }: Extract<StoredProvider, { kind: Kind }>): [string] => [name],
    fetch: (after, limit) => providers.list(scope, kind, { after: after?.[0], limit }),
  });
}
