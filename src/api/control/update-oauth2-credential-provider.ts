import type { Providers } from '../../identity/providers/providers.ts';
import type { Operation } from '../operation.ts';
import { type OauthSettingRules, requestedOauthProvider } from './oauth-provider-settings.ts';
import { shownOauthProvider } from './shown-provider.ts';

export function updateOauth2CredentialProvider(
  parts: OauthSettingRules & {
    readonly providers: Pick<Providers, 'updateOauth'>;
    /** The URL to which a provider's callback id is appended. */
    readonly callbackBase: string;
  },
) {
  const operation: Operation<'UpdateOauth2CredentialProvider'> = async (input, { principal }) => {
    const { settings, secret, secretMembers } = await requestedOauthProvider(
      principal,
      { vendor: input.credentialProviderVendor, input: input.oauth2ProviderConfigInput },
      parts,
    );
    const [secretMember] = secretMembers.names;
    const change = { settings, secret, secretMember };
    const provider = await parts.providers.updateOauth(principal, input.name, change);
    return shownOauthProvider(provider, parts.callbackBase);
  };
  return operation;
}
