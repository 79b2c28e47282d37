import type { Operation } from '../operation.ts';
import type { ResourceTagging } from './resource-tagging.ts';

export function untagResource({ tagging }: { readonly tagging: Pick<ResourceTagging, 'untag'> }) {
  const operation: Operation<'UntagResource'> = async (input, { principal }) => {
    await tagging.untag(principal, input.resourceArn, input.tagKeys);
    return {};
  };
  return operation;
}
