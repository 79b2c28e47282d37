import type { Operation } from '../operation.ts';
import type { ResourcePolicies } from './resource-policies.ts';

export function deleteResourcePolicy({ policies }: { readonly policies: Pick<ResourcePolicies, 'remove'> }) {
  const operation: Operation<'DeleteResourcePolicy'> = async ({ resourceArn }, { principal }) => {
    await policies.remove(principal, resourceArn);
    return {};
  };
  return operation;
}
