import type { Providers } from '../../identity/providers/providers.ts';
import type { Operation } from '../operation.ts';
import { shownOauthProvider } from './shown-provider.ts';

export function getOauth2CredentialProvider({
  providers,
  callbackBase,
}: {
  readonly providers: Pick<Providers, 'show'>;
  /** The URL to which a provider's callback id is appended. */
  readonly callbackBase: string;
}) {
  const operation: Operation<'GetOauth2CredentialProvider'> = async (input, { principal }) =>
    shownOauthProvider(await providers.show(principal, 'oauth2', input.name), callbackBase);
  return operation;
}
