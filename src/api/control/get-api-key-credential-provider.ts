import type { Providers } from '../../identity/providers/providers.ts';
import type { Operation } from '../operation.ts';
import { shownApiKeyProvider } from './shown-provider.ts';

export function getApiKeyCredentialProvider({ providers }: { readonly providers: Pick<Providers, 'show'> }) {
  const operation: Operation<'GetApiKeyCredentialProvider'> = async (input, { principal }) =>
    shownApiKeyProvider(await providers.show(principal, 'api-key', input.name));
  return operation;
}
