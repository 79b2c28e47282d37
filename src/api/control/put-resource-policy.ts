import type { Operation } from '../operation.ts';
import type { ResourcePolicies } from './resource-policies.ts';

export function putResourcePolicy({ policies }: { readonly policies: Pick<ResourcePolicies, 'put'> }) {
  const operation: Operation<'PutResourcePolicy'> = async ({ resourceArn, policy }, { principal }) => {
    await policies.put(principal, resourceArn, policy);
    return { policy };
  };
  return operation;
}
