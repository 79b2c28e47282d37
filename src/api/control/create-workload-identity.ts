import type { WorkloadIdentities } from '../../identity/workload-identities.ts';
import { workloadIdentityArn } from '../../runtimes/arns.ts';
import type { Operation } from '../operation.ts';
import { newTags } from './new-tags.ts';
import { returnUrls } from './return-urls.ts';

export function createWorkloadIdentity({
  identities,
}: {
  readonly identities: Pick<WorkloadIdentities, 'create'>;
}) {
  const operation: Operation<'CreateWorkloadIdentity'> = async (input, { principal }) => {
    const identity = await identities.create(principal, {
      name: input.name,
      returnUrls: returnUrls(input.allowedResourceOauth2ReturnUrls) ?? [],
      tags: newTags(input.tags),
    });
    return {
      name: identity.name,
      workloadIdentityArn: workloadIdentityArn(identity, identity.name),
      allowedResourceOauth2ReturnUrls: identity.returnUrls,
    };
  };
  return operation;
}
