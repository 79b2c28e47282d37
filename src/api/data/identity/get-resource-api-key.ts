import type { CredentialProviders } from '../../../identity/providers/credential-provider.ts';
import { shownClaims } from '../../../identity/tokens/shown-claims.ts';
import type { WorkloadTokens } from '../../../identity/tokens/workload-token.ts';
import type { Operation } from '../../operation.ts';

/** The key is for any user of the workload: an API key is the application's own. */
export function getResourceApiKey(parts: {
  readonly workloadTokens: Pick<WorkloadTokens, 'verify'>;
  readonly credentials: Pick<CredentialProviders, 'findApiKey' | 'requireUse' | 'secretOf'>;
}) {
  const { workloadTokens, credentials } = parts;
  const operation: Operation<'GetResourceApiKey'> = async (input, { principal }) => {
    const { workload } = await shownClaims(workloadTokens, principal, input.workloadIdentityToken);
    const provider = await credentials.findApiKey(principal, input.resourceCredentialProviderName);
    await credentials.requireUse(provider, workload);
    return { apiKey: await credentials.secretOf(provider) };
  };
  return operation;
}
