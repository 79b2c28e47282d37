import type { Audit } from '../../../auth/audit/audit.ts';
import { providerArn, workloadIdentityArn } from '../../../runtimes/arns.ts';
import type { Scope } from '../../../shared/ids.ts';
import { auditedRead } from './audited-read.ts';
import { completeResourceTokenAuth } from './complete-resource-token-auth.ts';
import { getResourceApiKey } from './get-resource-api-key.ts';
import { getResourceOauth2Token } from './get-resource-oauth2-token.ts';
import { getWorkloadAccessTokenForJwt } from './get-workload-access-token-for-jwt.ts';
import { getWorkloadAccessTokenForUserId } from './get-workload-access-token-for-user-id.ts';
import { getWorkloadAccessToken } from './get-workload-access-token.ts';

type Parts = { readonly audit: Pick<Audit, 'read'> } & Parameters<typeof completeResourceTokenAuth>[0] &
  Parameters<typeof getResourceApiKey>[0] &
  Parameters<typeof getResourceOauth2Token>[0] &
  Parameters<typeof getWorkloadAccessToken>[0] &
  Parameters<typeof getWorkloadAccessTokenForJwt>[0] &
  Parameters<typeof getWorkloadAccessTokenForUserId>[0];

/** Identity's operations of the data plane. Each credential that they hand out is in the audit log. */
export function credentialOperations(parts: Parts) {
  const { audit } = parts;
  const ofWorkload = {
    audit,
    resource: ({ workloadName }: { readonly workloadName: string }, scope: Scope) =>
      workloadIdentityArn(scope, workloadName),
    credential: 'workloadAccessToken',
  } as const;
  return {
    GetWorkloadAccessToken: auditedRead('GetWorkloadAccessToken', getWorkloadAccessToken(parts), ofWorkload),
    GetWorkloadAccessTokenForJWT: auditedRead(
      'GetWorkloadAccessTokenForJWT',
      getWorkloadAccessTokenForJwt(parts),
      ofWorkload,
    ),
    GetWorkloadAccessTokenForUserId: auditedRead(
      'GetWorkloadAccessTokenForUserId',
      getWorkloadAccessTokenForUserId(parts),
      ofWorkload,
    ),
    GetResourceApiKey: auditedRead('GetResourceApiKey', getResourceApiKey(parts), {
      audit,
      resource: (input, scope) => providerArn(scope, 'api-key', input.resourceCredentialProviderName),
      credential: 'apiKey',
    }),
    GetResourceOauth2Token: auditedRead('GetResourceOauth2Token', getResourceOauth2Token(parts), {
      audit,
      resource: (input, scope) => providerArn(scope, 'oauth2', input.resourceCredentialProviderName),
      credential: 'accessToken',
    }),
    CompleteResourceTokenAuth: completeResourceTokenAuth(parts),
  };
}
