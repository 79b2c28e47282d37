import type { WorkloadIdentities } from '../../identity/workload-identities.ts';
import type { WorkloadIdentity } from '../../identity/workload-identity.ts';
import { workloadIdentityArn } from '../../runtimes/arns.ts';
import type { Operation } from '../operation.ts';
import { paginate } from '../pagination.ts';

/** The most that the model allows on one page of this list. */
const pageSize = 20;

export function listWorkloadIdentities({
  identities,
}: {
  readonly identities: Pick<WorkloadIdentities, 'list'>;
}) {
  const operation: Operation<'ListWorkloadIdentities'> = async (input, { principal }) => {
    const page = await paginate({
      list: ['ListWorkloadIdentities', principal.accountId, principal.region],
      nextToken: input.nextToken,
      maxResults: input.maxResults ?? pageSize,
      keyOf: ({ name }: WorkloadIdentity): [string] => [name],
      fetch: (after, limit) => identities.list(principal, { after: after?.[0], limit }),
    });
    const workloadIdentities = page.items.map((identity) => ({
      name: identity.name,
      workloadIdentityArn: workloadIdentityArn(identity, identity.name),
    }));
    return { workloadIdentities, nextToken: page.nextToken };
  };
  return operation;
}
