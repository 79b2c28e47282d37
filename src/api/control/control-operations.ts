import type { WorkloadIdentities } from '../../identity/workload-identities.ts';
import type { RuntimeEndpoints } from '../../runtimes/runtime-endpoints.ts';
import type { RuntimeStore } from '../../runtimes/runtime-store.ts';
import type { Runtimes } from '../../runtimes/runtimes.ts';
import { createAgentRuntimeEndpoint } from './create-agent-runtime-endpoint.ts';
import { createAgentRuntime } from './create-agent-runtime.ts';
import { createWorkloadIdentity } from './create-workload-identity.ts';
import { deleteAgentRuntimeEndpoint } from './delete-agent-runtime-endpoint.ts';
import { deleteAgentRuntime } from './delete-agent-runtime.ts';
import { deleteWorkloadIdentity } from './delete-workload-identity.ts';
import { getAgentRuntimeEndpoint } from './get-agent-runtime-endpoint.ts';
import { getAgentRuntime } from './get-agent-runtime.ts';
import { getWorkloadIdentity } from './get-workload-identity.ts';
import type { IssuerProblem } from './jwt-authorizer-settings.ts';
import { listAgentRuntimeEndpoints } from './list-agent-runtime-endpoints.ts';
import { listAgentRuntimeVersions } from './list-agent-runtime-versions.ts';
import { listAgentRuntimes } from './list-agent-runtimes.ts';
import { listTagsForResource } from './list-tags-for-resource.ts';
import { listWorkloadIdentities } from './list-workload-identities.ts';
import type { ResourceTagging } from './resource-tagging.ts';
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
  readonly tagging: ResourceTagging;
  readonly issuerProblem: IssuerProblem;
}

/** Every control-plane operation that is built, by its name in the service model. */
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
    TagResource: tagResource(parts),
    UntagResource: untagResource(parts),
    ListTagsForResource: listTagsForResource(parts),
  };
}
