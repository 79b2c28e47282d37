import type { Operation } from '../operation.ts';
import type { ResourceTagging } from './resource-tagging.ts';

export function listTagsForResource({ tagging }: { readonly tagging: Pick<ResourceTagging, 'list'> }) {
  const operation: Operation<'ListTagsForResource'> = async (input, { principal }) => ({
    tags: await tagging.list(principal, input.resourceArn),
  });
  return operation;
}
