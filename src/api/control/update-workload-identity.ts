import type { WorkloadIdentities } from '../../identity/workload-identities.ts';
import type { Operation } from '../operation.ts';
import { returnUrls } from './return-urls.ts';
import { shownIdentity } from './shown-identity.ts';

export function updateWorkloadIdentity({
  identities,
}: {
  readonly identities: Pick<WorkloadIdentities, 'update'>;
}) {
  const operation: Operation<'UpdateWorkloadIdentity'> = async (input, { principal }) =>
    shownIdentity(
      await identities.update(principal, input.name, returnUrls(input.allowedResourceOauth2ReturnUrls)),
    );
  return operation;
}
