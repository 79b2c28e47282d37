import type { UpdateApiKeyCredentialProviderRequest } from '../model/generated/types.ts';
import type { SecretMembers } from './requested-secret.ts';

/** The secret of Create and Update. */
export function apiKeyMembers(
  input: Pick<UpdateApiKeyCredentialProviderRequest, 'apiKey' | 'apiKeySecretSource' | 'apiKeySecretConfig'>,
): SecretMembers {
  return {
    value: input.apiKey,
    source: input.apiKeySecretSource,
    reference: input.apiKeySecretConfig,
    names: ['apiKey', 'apiKeySecretSource', 'apiKeySecretConfig'],
  };
}
