import type { Sees } from '../../auth/sees.ts';
import type { ListedRuntime, RuntimeListKey, RuntimeReads } from '../../runtimes/runtime-store.ts';
import type { Operation } from '../operation.ts';
import { paginate } from '../pagination.ts';
import { listedRuntime } from './runtime-answers.ts';

export interface ListAgentRuntimesParts {
  readonly store: Pick<RuntimeReads, 'listRuntimes'>;
  readonly sees: Sees;
}

/** A page may be short, or empty, although more follow: it is cut before runtimes that the caller's key may not see are left out. */
export function listAgentRuntimes({ store, sees }: ListAgentRuntimesParts) {
  const operation: Operation<'ListAgentRuntimes'> = async (input, { principal }) => {
    const page = await paginate({
      list: ['ListAgentRuntimes', principal.accountId, principal.region],
      nextToken: input.nextToken,
      maxResults: input.maxResults,
      keyOf: ({ runtime }: ListedRuntime): RuntimeListKey => [runtime.createdAtMs, runtime.id],
      fetch: (after, limit) => store.listRuntimes(principal, { after, limit }),
    });
    const seen = await sees(principal, page.items, ({ runtime }) => runtime.id);
    return { agentRuntimes: seen.map(listedRuntime), nextToken: page.nextToken };
  };
  return operation;
}
