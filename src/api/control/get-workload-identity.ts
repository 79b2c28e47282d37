import type { WorkloadIdentities } from '../../identity/workload-identities.ts';
import type { Operation } from '../operation.ts';
import { shownIdentity } from './shown-identity.ts';

export function getWorkloadIdentity({
  identities,
}: {
  readonly identities: Pick<WorkloadIdentities, 'get'>;
}) {
  const operation: Operation<'GetWorkloadIdentity'> = async (input, { principal }) =>
    shownIdentity(await identities.get(principal, input.name));
  return operation;
}
