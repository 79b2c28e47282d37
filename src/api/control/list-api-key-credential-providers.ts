import type { Providers } from '../../identity/providers/providers.ts';
import type { Operation } from '../operation.ts';
import { providerPage } from './provider-page.ts';
import { shownProvider } from './shown-provider.ts';

export function listApiKeyCredentialProviders({
  providers,
}: {
  readonly providers: Pick<Providers, 'list'>;
}) {
  const operation: Operation<'ListApiKeyCredentialProviders'> = async (input, { principal }) => {
    const page = await providerPage(providers, principal, 'api-key', {
      ...input,
      operation: 'ListApiKeyCredentialProviders',
      pageSize: 100,
    });
    return { credentialProviders: page.items.map(shownProvider), nextToken: page.nextToken };
  };
  return operation;
}
