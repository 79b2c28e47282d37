import type { WorkloadIdentities } from '../../identity/workload-identities.ts';
import type { Operation } from '../operation.ts';

export function deleteWorkloadIdentity({
  identities,
}: {
  readonly identities: Pick<WorkloadIdentities, 'delete'>;
}) {
  const operation: Operation<'DeleteWorkloadIdentity'> = async (input, { principal }) => {
    await identities.delete(principal, input.name);
    return {};
  };
  return operation;
}
