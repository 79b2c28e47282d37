import type { Database } from '../../storage/database.ts';
import type { Scope } from '../../shared/ids.ts';
import type { OauthSettings } from './oauth-settings.ts';

/** Which credential provider signs with a key of the ring, in words that go on after "It is used by"; undefined when none does. */
export function createKeyUse({ database }: { readonly database: Database }) {
  return async (scope: Scope, keyArn: string): Promise<string | undefined> => {
    const rows = await database
      .selectFrom('credential_providers')
      .select(['name', 'settings_json'])
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region)
      .where('settings_json', 'is not', null)
      .orderBy('name')
      .execute();
    const user = rows.find(({ settings_json: json }) => json !== null && signsWith(json, keyArn));
    return user && `the OAuth2 credential provider ${user.name}`;
  };
}

function signsWith(json: string, keyArn: string): boolean {
  const { clientAuthentication: way } = JSON.parse(json) as OauthSettings;
  // The id alone names a key, too.
  return way?.kind === 'private-key-jwt' && keyArn.endsWith(way.keyArn);
}
