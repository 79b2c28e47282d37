import type { Operation } from '../operation.ts';
import type { ResourcePolicies } from './resource-policies.ts';

export function getResourcePolicy({ policies }: { readonly policies: Pick<ResourcePolicies, 'find'> }) {
  const operation: Operation<'GetResourcePolicy'> = async ({ resourceArn }, { principal }) => ({
    policy: await policies.find(principal, resourceArn),
  });
  return operation;
}
