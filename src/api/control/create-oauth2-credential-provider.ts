import type { Providers } from '../../identity/providers/providers.ts';
import type { Operation } from '../operation.ts';
import { newProviderTags } from './new-tags.ts';
import { type OauthSettingRules, requestedOauthProvider } from './oauth-provider-settings.ts';
import { requireSecret } from './requested-secret.ts';
import { shownOauthProvider } from './shown-provider.ts';

export function createOauth2CredentialProvider(
  parts: OauthSettingRules & {
    readonly providers: Pick<Providers, 'createOauth'>;
    /** The URL to which a provider's callback id is appended. */
    readonly callbackBase: string;
  },
) {
  const operation: Operation<'CreateOauth2CredentialProvider'> = async (input, { principal }) => {
    const { settings, secret, secretMembers } = await requestedOauthProvider(
      principal,
      { vendor: input.credentialProviderVendor, input: input.oauth2ProviderConfigInput },
      parts,
    );
    const provider = await parts.providers.createOauth(principal, input.name, {
      settings,
      secret: requireSecret(secret, secretMembers),
      tags: newProviderTags(input.tags),
    });
    return shownOauthProvider(provider, parts.callbackBase);
  };
  return operation;
}
