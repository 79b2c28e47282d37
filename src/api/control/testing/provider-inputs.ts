import type {
  CreateOauth2CredentialProviderRequest,
  Oauth2ProviderConfigInput,
} from '../../model/generated/types.ts';
import { oauthVendorMembers, type OauthVendorName } from '../../../shared/oauth-vendors.ts';

/** What tests look for where no secret may be. */
export const secretText = 'the-secret-7Q2fK9';

/** The least that CreateOauth2CredentialProvider wants for a vendor; `more` is laid over its settings. */
export function oauthInput(
  name: string,
  credentialProviderVendor: OauthVendorName,
  more: Readonly<Record<string, unknown>> = {},
): CreateOauth2CredentialProviderRequest {
  const config = { clientId: 'client', clientSecret: secretText, ...more };
  const oauth2ProviderConfigInput = {
    [oauthVendorMembers[credentialProviderVendor]]: config,
  } as unknown as Oauth2ProviderConfigInput;
  return { name, credentialProviderVendor, oauth2ProviderConfigInput };
}

export const customDiscovery = {
  oauthDiscovery: { discoveryUrl: 'https://sso.example/.well-known/openid-configuration' },
};
