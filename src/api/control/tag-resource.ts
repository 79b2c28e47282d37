import type { Operation } from '../operation.ts';
import type { ResourceTagging } from './resource-tagging.ts';

export function tagResource({ tagging }: { readonly tagging: Pick<ResourceTagging, 'tag'> }) {
  const operation: Operation<'TagResource'> = async (input, { principal }) => {
    await tagging.tag(principal, input.resourceArn, input.tags);
    return {};
  };
  return operation;
}
