import type { Providers } from '../../identity/providers/providers.ts';
import type { Operation } from '../operation.ts';
import { apiKeyMembers } from './api-key-members.ts';
import { newProviderTags } from './new-tags.ts';
import { requestedSecret, requireSecret } from './requested-secret.ts';
import { shownApiKeyProvider } from './shown-provider.ts';

export function createApiKeyCredentialProvider({
  providers,
}: {
  readonly providers: Pick<Providers, 'createApiKey'>;
}) {
  const operation: Operation<'CreateApiKeyCredentialProvider'> = async (input, { principal }) => {
    const members = apiKeyMembers(input);
    const provider = await providers.createApiKey(principal, input.name, {
      secret: requireSecret(requestedSecret(members), members),
      tags: newProviderTags(input.tags),
    });
    return shownApiKeyProvider(provider);
  };
  return operation;
}
