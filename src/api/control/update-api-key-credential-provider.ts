import type { Providers } from '../../identity/providers/providers.ts';
import type { Operation } from '../operation.ts';
import { apiKeyMembers } from './api-key-members.ts';
import { requestedSecret, requireSecret } from './requested-secret.ts';
import { shownApiKeyProvider } from './shown-provider.ts';

export function updateApiKeyCredentialProvider({
  providers,
}: {
  readonly providers: Pick<Providers, 'updateApiKey'>;
}) {
  const operation: Operation<'UpdateApiKeyCredentialProvider'> = async (input, { principal }) => {
    const members = apiKeyMembers(input);
    const secret = requireSecret(requestedSecret(members), members);
    return shownApiKeyProvider(await providers.updateApiKey(principal, input.name, secret));
  };
  return operation;
}
