import type { WorkloadIdentity } from '../../identity/workload-identity.ts';
import { workloadIdentityArn } from '../../runtimes/arns.ts';
import type { GetWorkloadIdentityResponse } from '../model/generated/types.ts';

/** What Get and Update answer. */
export function shownIdentity(identity: WorkloadIdentity): GetWorkloadIdentityResponse {
  return {
    name: identity.name,
    workloadIdentityArn: workloadIdentityArn(identity, identity.name),
    allowedResourceOauth2ReturnUrls: identity.returnUrls,
    createdTime: new Date(identity.createdAtMs),
    lastUpdatedTime: new Date(identity.lastUpdatedAtMs),
  };
}
