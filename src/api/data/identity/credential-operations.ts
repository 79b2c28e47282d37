import type { Audit } from '../../../auth/audit/audit.ts';
import { providerArn, workloadIdentityArn } from '../../../runtimes/arns.ts';
import type { Scope } from '../../../shared/ids.ts';
import type { OperationName } from '../../model/generated/types.ts';
import type { Operation } from '../../operation.ts';
import { type AuditedRead, auditedRead } from './audited-read.ts';
import { auditedRefusal } from './audited-refusal.ts';
import { completeResourceTokenAuth } from './complete-resource-token-auth.ts';
import { getResourceApiKey } from './get-resource-api-key.ts';
import { getResourceOauth2Token } from './get-resource-oauth2-token.ts';
import { getWorkloadAccessTokenForJwt } from './get-workload-access-token-for-jwt.ts';
import { getWorkloadAccessTokenForUserId } from './get-workload-access-token-for-user-id.ts';
import { getWorkloadAccessToken } from './get-workload-access-token.ts';

type Parts = { readonly audit: Pick<Audit, 'denied' | 'read'> } & Parameters<
  typeof completeResourceTokenAuth
>[0] &
  Parameters<typeof getResourceApiKey>[0] &
  Parameters<typeof getResourceOauth2Token>[0] &
  Parameters<typeof getWorkloadAccessToken>[0] &
  Parameters<typeof getWorkloadAccessTokenForJwt>[0] &
  Parameters<typeof getWorkloadAccessTokenForUserId>[0];

/** Identity's operations of the data plane. Each credential that they hand out, and each refusal, is in the audit log. */
export function credentialOperations(parts: Parts) {
  const { audit } = parts;
  const ofWorkload = {
    audit,
    resource: ({ workloadName }: { readonly workloadName: string }, scope: Scope) =>
      workloadIdentityArn(scope, workloadName),
    credential: 'workloadAccessToken',
    token: (_input: unknown, answer: { readonly workloadAccessToken: string }) => answer.workloadAccessToken,
  } as const;
  return {
    GetWorkloadAccessToken: audited('GetWorkloadAccessToken', getWorkloadAccessToken(parts), ofWorkload),
    GetWorkloadAccessTokenForJWT: audited(
      'GetWorkloadAccessTokenForJWT',
      getWorkloadAccessTokenForJwt(parts),
      ofWorkload,
    ),
    GetWorkloadAccessTokenForUserId: audited(
      'GetWorkloadAccessTokenForUserId',
      getWorkloadAccessTokenForUserId(parts),
      ofWorkload,
    ),
    GetResourceApiKey: audited('GetResourceApiKey', getResourceApiKey(parts), {
      audit,
      resource: (input, scope) => providerArn(scope, 'api-key', input.resourceCredentialProviderName),
      credential: 'apiKey',
      token: (input) => input.workloadIdentityToken,
    }),
    GetResourceOauth2Token: audited('GetResourceOauth2Token', getResourceOauth2Token(parts), {
      audit,
      resource: (input, scope) => providerArn(scope, 'oauth2', input.resourceCredentialProviderName),
      credential: 'accessToken',
      token: (input) => input.workloadIdentityToken,
      flow: (input) => input.oauth2Flow,
    }),
    CompleteResourceTokenAuth: auditedRefusal('CompleteResourceTokenAuth', completeResourceTokenAuth(parts), {
      audit,
      resource: () => '*',
    }),
  };
}

function audited<Name extends OperationName>(
  name: Name,
  operation: Operation<Name>,
  parts: AuditedRead<Name> & { readonly audit: Pick<Audit, 'denied'> },
): Operation<Name> {
  return auditedRead(name, auditedRefusal(name, operation, parts), parts);
}
