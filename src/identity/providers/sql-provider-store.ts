import type { AccountId, Scope } from '../../shared/ids.ts';
import type { Database } from '../../storage/database.ts';
import { listTags, putTags, removeAllTags } from '../../storage/resource-tags.ts';
import type { CredentialProviderRow } from '../../storage/tables.ts';
import type { SecretSource } from './credential-provider.ts';
import type { OauthSettings } from './oauth-settings.ts';
import type { ProviderQuotas, ProviderStore } from './provider-store.ts';
import type { ProviderKind, StoredOauthProvider, StoredProvider } from './stored-provider.ts';

export function createSqlProviderStore({ database }: { readonly database: Database }): ProviderStore {
  return {
    async find<Kind extends ProviderKind>(scope: Scope, kind: Kind, name: string) {
      const row = await selectOf(database, scope, kind).where('name', '=', name).executeTakeFirst();
      return row && (toProvider(row) as Extract<StoredProvider, { kind: Kind }>);
    },
    async findByCallback(callbackId) {
      const row = await database
        .selectFrom('credential_providers')
        .selectAll()
        .where('callback_id', '=', callbackId)
        .executeTakeFirst();
      return row && (toProvider(row) as StoredOauthProvider);
    },
    async list<Kind extends ProviderKind>(
      scope: Scope,
      kind: Kind,
      { limit, after }: { readonly limit: number; readonly after: string | undefined },
    ) {
      const query = selectOf(database, scope, kind).where('name', '>', after ?? '');
      const rows = await query.orderBy('name').limit(limit).execute();
      return rows.map((row) => toProvider(row) as Extract<StoredProvider, { kind: Kind }>);
    },
    tags: (arn) => listTags(database, arn),
    insert: (provider, { arn, tags }, quotas) =>
      database.transaction().execute(async (transaction) => {
        const ofKind = selectOf(transaction, provider, provider.kind);
        const taken = await ofKind.where('name', '=', provider.name).executeTakeFirst();
        if (taken !== undefined) return 'name-taken';
        if ((await countOfKind(transaction, provider, provider.kind)) >= quotas.providers) return 'too-many';
        if (provider.sealedSecret !== undefined && (await isFull(transaction, provider, quotas)))
          return 'too-many-secrets';
        await transaction.insertInto('credential_providers').values(fromProvider(provider)).execute();
        await putTags(transaction, arn, tags);
        return 'added';
      }),
    replace: (provider, quotas) =>
      database.transaction().execute(async (transaction) => {
        const { provider_id: id, ...row } = fromProvider(provider);
        const before = await transaction
          .selectFrom('credential_providers')
          .select('sealed_secret')
          .where('provider_id', '=', id)
          .where('revision', '=', provider.revision - 1)
          .executeTakeFirst();
        if (before === undefined) return 'overtaken';
        const isFirst = before.sealed_secret === null && row.sealed_secret !== null;
        if (isFirst && (await isFull(transaction, provider, quotas))) return 'too-many-secrets';
        await transaction
          .updateTable('credential_providers')
          .set(row)
          .where('provider_id', '=', id)
          .execute();
        return 'replaced';
      }),
    remove: (scope, kind, name, arn) =>
      database.transaction().execute(async (transaction) => {
        await removeAllTags(transaction, arn);
        const row = await transaction
          .deleteFrom('credential_providers')
          .where('account_id', '=', scope.accountId)
          .where('region', '=', scope.region)
          .where('kind', '=', kind)
          .where('name', '=', name)
          .returning('provider_id')
          .executeTakeFirst();
        return row?.provider_id;
      }),
  };
}

function selectOf(database: Database, scope: Scope, kind: ProviderKind) {
  return database
    .selectFrom('credential_providers')
    .selectAll()
    .where('account_id', '=', scope.accountId)
    .where('region', '=', scope.region)
    .where('kind', '=', kind);
}

async function countOfKind(database: Database, scope: Scope, kind: ProviderKind): Promise<number> {
  const { number } = await countOf(database, scope).where('kind', '=', kind).executeTakeFirstOrThrow();
  return number;
}

async function isFull(
  database: Database,
  scope: Scope,
  { managedSecrets }: Pick<ProviderQuotas, 'managedSecrets'>,
): Promise<boolean> {
  const managed = countOf(database, scope).where('sealed_secret', 'is not', null);
  return (await managed.executeTakeFirstOrThrow()).number >= managedSecrets;
}

function countOf(database: Database, scope: Scope) {
  return database
    .selectFrom('credential_providers')
    .select((select) => select.fn.countAll<number>().as('number'))
    .where('account_id', '=', scope.accountId)
    .where('region', '=', scope.region);
}

function toProvider(row: CredentialProviderRow): StoredProvider {
  const provider = {
    accountId: row.account_id as AccountId,
    region: row.region,
    id: row.provider_id,
    name: row.name,
    secret: JSON.parse(row.secret_json) as SecretSource,
    sealedSecret: row.sealed_secret ?? undefined,
    revision: row.revision,
    createdAtMs: row.created_at,
    lastUpdatedAtMs: row.last_updated_at,
  };
  if (row.settings_json === null || row.callback_id === null) return { ...provider, kind: 'api-key' };
  const settings = JSON.parse(row.settings_json) as OauthSettings;
  return { ...provider, kind: 'oauth2', settings, callbackId: row.callback_id };
}

function fromProvider(provider: StoredProvider): CredentialProviderRow {
  const oauth = provider.kind === 'oauth2' ? provider : undefined;
  return {
    account_id: provider.accountId,
    region: provider.region,
    provider_id: provider.id,
    kind: provider.kind,
    name: provider.name,
    callback_id: oauth?.callbackId ?? null,
    settings_json: oauth === undefined ? null : JSON.stringify(oauth.settings),
    secret_json: JSON.stringify(provider.secret),
    sealed_secret: provider.sealedSecret ?? null,
    revision: provider.revision,
    created_at: provider.createdAtMs,
    last_updated_at: provider.lastUpdatedAtMs,
  };
}
