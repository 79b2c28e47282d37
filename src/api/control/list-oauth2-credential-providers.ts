import type { Providers } from '../../identity/providers/providers.ts';
import type { Operation } from '../operation.ts';
import { providerPage } from './provider-page.ts';
import { shownProvider } from './shown-provider.ts';

export function listOauth2CredentialProviders({
  providers,
}: {
  readonly providers: Pick<Providers, 'list'>;
}) {
  const operation: Operation<'ListOauth2CredentialProviders'> = async (input, { principal }) => {
    const page = await providerPage(providers, principal, 'oauth2', {
      ...input,
      operation: 'ListOauth2CredentialProviders',
      pageSize: 20,
    });
    const credentialProviders = page.items.map((provider) => ({
      ...shownProvider(provider),
      credentialProviderVendor: provider.settings.vendor,
    }));
    return { credentialProviders, nextToken: page.nextToken };
  };
  return operation;
}
