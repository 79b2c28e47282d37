import type { Providers } from '../../identity/providers/providers.ts';
import type { Operation } from '../operation.ts';

export function deleteOauth2CredentialProvider({
  providers,
}: {
  readonly providers: Pick<Providers, 'delete'>;
}) {
  const operation: Operation<'DeleteOauth2CredentialProvider'> = async (input, { principal }) => {
    await providers.delete(principal, 'oauth2', input.name);
    return {};
  };
  return operation;
}
