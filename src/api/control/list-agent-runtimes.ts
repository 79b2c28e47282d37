import type { ListedRuntime, RuntimeListKey, RuntimeReads } from '../../runtimes/runtime-store.ts';
import type { Operation } from '../operation.ts';
import { paginate } from '../pagination.ts';
import { listedRuntime } from './runtime-answers.ts';

export function listAgentRuntimes({ store }: { readonly store: Pick<RuntimeReads, 'listRuntimes'> }) {
  const operation: Operation<'ListAgentRuntimes'> = async (input, { principal }) => {
    const page = await paginate({
      list: ['ListAgentRuntimes', principal.accountId, principal.region],
      nextToken: input.nextToken,
      maxResults: input.maxResults,
      keyOf: ({ runtime }: ListedRuntime): RuntimeListKey => [runtime.createdAtMs, runtime.id],
      fetch: (after, limit) => store.listRuntimes(principal, { after, limit }),
    });
    return { agentRuntimes: page.items.map(listedRuntime), nextToken: page.nextToken };
  };
  return operation;
}
