import type { Providers } from '../../identity/providers/providers.ts';
import type { Operation } from '../operation.ts';

export function deleteApiKeyCredentialProvider({
  providers,
}: {
  readonly providers: Pick<Providers, 'delete'>;
}) {
  const operation: Operation<'DeleteApiKeyCredentialProvider'> = async (input, { principal }) => {
    await providers.delete(principal, 'api-key', input.name);
    return {};
  };
  return operation;
}
