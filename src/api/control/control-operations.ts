import type { CompleteConsent } from '../../identity/oauth/complete-consent.ts';
import type { SubjectTokens } from '../../identity/oauth/subject-tokens.ts';
import type { ResourceTokens } from '../../identity/oauth/resource-tokens.ts';
import type { CredentialProviders } from '../../identity/providers/credential-provider.ts';
import type { Providers } from '../../identity/providers/providers.ts';
import type { KeyRing } from '../../identity/vault/key-ring.ts';
import type { UserTokens, WorkloadTokens } from '../../identity/tokens/workload-token.ts';
import type { Audit } from '../../auth/audit/audit.ts';
import type { Sees } from '../../auth/sees.ts';
import type { WorkloadIdentities } from '../../identity/workload-identities.ts';
import type { TokenVault } from '../../identity/vault/token-vault.ts';
import type { RuntimeEndpoints } from '../../runtimes/runtime-endpoints.ts';
import type { RuntimeStore } from '../../runtimes/runtime-store.ts';
import type { Runtimes } from '../../runtimes/runtimes.ts';
import { credentialOperations } from '../data/identity/credential-operations.ts';
import { createAgentRuntimeEndpoint } from './create-agent-runtime-endpoint.ts';
import { createAgentRuntime } from './create-agent-runtime.ts';
import { createWorkloadIdentity } from './create-workload-identity.ts';
import { deleteAgentRuntimeEndpoint } from './delete-agent-runtime-endpoint.ts';
import { deleteAgentRuntime } from './delete-agent-runtime.ts';
import { deleteResourcePolicy } from './delete-resource-policy.ts';
import { deleteWorkloadIdentity } from './delete-workload-identity.ts';
import { getAgentRuntimeEndpoint } from './get-agent-runtime-endpoint.ts';
import { getAgentRuntime } from './get-agent-runtime.ts';
import { getTokenVault } from './get-token-vault.ts';
import { getResourcePolicy } from './get-resource-policy.ts';
import { getWorkloadIdentity } from './get-workload-identity.ts';
import type { IssuerProblem } from './jwt-authorizer-settings.ts';
import type { NetworkProblem } from './network-settings.ts';
import type { OptionProblem } from './new-tags.ts';
import { listAgentRuntimeEndpoints } from './list-agent-runtime-endpoints.ts';
import { listAgentRuntimeVersions } from './list-agent-runtime-versions.ts';
import { listAgentRuntimes } from './list-agent-runtimes.ts';
import { listTagsForResource } from './list-tags-for-resource.ts';
import { listWorkloadIdentities } from './list-workload-identities.ts';
import { putResourcePolicy } from './put-resource-policy.ts';
import type { ResourcePolicies } from './resource-policies.ts';
import type { ResourceTagging } from './resource-tagging.ts';
import { createApiKeyCredentialProvider } from './create-api-key-credential-provider.ts';
import { getApiKeyCredentialProvider } from './get-api-key-credential-provider.ts';
import { updateApiKeyCredentialProvider } from './update-api-key-credential-provider.ts';
import { deleteApiKeyCredentialProvider } from './delete-api-key-credential-provider.ts';
import { listApiKeyCredentialProviders } from './list-api-key-credential-providers.ts';
import { createOauth2CredentialProvider } from './create-oauth2-credential-provider.ts';
import { getOauth2CredentialProvider } from './get-oauth2-credential-provider.ts';
import { updateOauth2CredentialProvider } from './update-oauth2-credential-provider.ts';
import { deleteOauth2CredentialProvider } from './delete-oauth2-credential-provider.ts';
import { listOauth2CredentialProviders } from './list-oauth2-credential-providers.ts';
import { setTokenVaultCmk } from './set-token-vault-cmk.ts';
import { tagResource } from './tag-resource.ts';
import { untagResource } from './untag-resource.ts';
import { updateAgentRuntimeEndpoint } from './update-agent-runtime-endpoint.ts';
import { updateAgentRuntime } from './update-agent-runtime.ts';
import { updateWorkloadIdentity } from './update-workload-identity.ts';

export interface ControlOperationParts {
  readonly runtimes: Runtimes;
  readonly endpoints: RuntimeEndpoints;
  readonly store: Pick<RuntimeStore, 'findRuntime' | 'listRuntimes' | 'listVersions' | 'listEndpoints'>;
  readonly identities: WorkloadIdentities;
  readonly providers: Providers;
  readonly credentials: CredentialProviders;
  readonly keyRing: Pick<KeyRing, 'requireSigningKey'>;
  /** The URL to which the callback id of an OAuth2 provider is appended. */
  readonly callbackBase: string;
  readonly resourceTokens: Pick<ResourceTokens, 'get'>;
  readonly completeConsent: CompleteConsent;
  readonly subjectTokens: Pick<SubjectTokens, 'keep'>;
  readonly tokenVault: TokenVault;
  readonly workloadTokens: WorkloadTokens;
  readonly userTokens: UserTokens;
  readonly tagging: ResourceTagging;
  readonly policies: ResourcePolicies;
  /** Which runtimes a caller may see in lists. */
  readonly sees: Sees;
  readonly audit: Pick<Audit, 'denied' | 'read'>;
  readonly issuerProblem: IssuerProblem;
  readonly networkProblem: NetworkProblem;
  readonly optionProblem: OptionProblem;
}

/** Every operation that is built and answered with one JSON body, by its name in the service model. */
export function createControlOperations(parts: ControlOperationParts) {
  return {
    CreateAgentRuntime: createAgentRuntime(parts),
    GetAgentRuntime: getAgentRuntime(parts),
    UpdateAgentRuntime: updateAgentRuntime(parts),
    DeleteAgentRuntime: deleteAgentRuntime(parts),
    ListAgentRuntimes: listAgentRuntimes(parts),
    ListAgentRuntimeVersions: listAgentRuntimeVersions(parts),
    CreateAgentRuntimeEndpoint: createAgentRuntimeEndpoint(parts),
    GetAgentRuntimeEndpoint: getAgentRuntimeEndpoint(parts),
    UpdateAgentRuntimeEndpoint: updateAgentRuntimeEndpoint(parts),
    DeleteAgentRuntimeEndpoint: deleteAgentRuntimeEndpoint(parts),
    ListAgentRuntimeEndpoints: listAgentRuntimeEndpoints(parts),
    CreateWorkloadIdentity: createWorkloadIdentity(parts),
    GetWorkloadIdentity: getWorkloadIdentity(parts),
    UpdateWorkloadIdentity: updateWorkloadIdentity(parts),
    DeleteWorkloadIdentity: deleteWorkloadIdentity(parts),
    ListWorkloadIdentities: listWorkloadIdentities(parts),
    CreateApiKeyCredentialProvider: createApiKeyCredentialProvider(parts),
    GetApiKeyCredentialProvider: getApiKeyCredentialProvider(parts),
    UpdateApiKeyCredentialProvider: updateApiKeyCredentialProvider(parts),
    DeleteApiKeyCredentialProvider: deleteApiKeyCredentialProvider(parts),
    ListApiKeyCredentialProviders: listApiKeyCredentialProviders(parts),
    CreateOauth2CredentialProvider: createOauth2CredentialProvider(parts),
    GetOauth2CredentialProvider: getOauth2CredentialProvider(parts),
    UpdateOauth2CredentialProvider: updateOauth2CredentialProvider(parts),
    DeleteOauth2CredentialProvider: deleteOauth2CredentialProvider(parts),
    ListOauth2CredentialProviders: listOauth2CredentialProviders(parts),
    GetTokenVault: getTokenVault(parts),
    SetTokenVaultCMK: setTokenVaultCmk(parts),
    ...credentialOperations(parts),
    TagResource: tagResource(parts),
    UntagResource: untagResource(parts),
    ListTagsForResource: listTagsForResource(parts),
    PutResourcePolicy: putResourcePolicy(parts),
    GetResourcePolicy: getResourcePolicy(parts),
    DeleteResourcePolicy: deleteResourcePolicy(parts),
  };
}
