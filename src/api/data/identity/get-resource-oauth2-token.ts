import type { ResourceTokens } from '../../../identity/oauth/resource-tokens.ts';
import type { Operation } from '../../operation.ts';

export function getResourceOauth2Token({
  resourceTokens,
}: {
  readonly resourceTokens: Pick<ResourceTokens, 'get'>;
}) {
  const operation: Operation<'GetResourceOauth2Token'> = async (input, { principal }) => {
    const answer = await resourceTokens.get(principal, {
      workloadToken: input.workloadIdentityToken,
      provider: input.resourceCredentialProviderName,
      flow: input.oauth2Flow,
      scopes: input.scopes,
      resources: input.resources,
      audiences: input.audiences,
      customParameters: input.customParameters ?? {},
      sessionUri: input.sessionUri,
      returnUrl: input.resourceOauth2ReturnUrl,
      customState: input.customState,
      isForced: input.forceAuthentication === true,
    });
    switch (answer.kind) {
      case 'token':
        return { accessToken: answer.accessToken };
      case 'waiting': {
        const { authorizationUrl, sessionUri } = answer;
        return { authorizationUrl, sessionUri, sessionStatus: 'IN_PROGRESS' };
      }
      case 'failed':
        return { sessionUri: answer.sessionUri, sessionStatus: 'FAILED' };
    }
  };
  return operation;
}
