import { parseRuntimeId } from '../../runtimes/arns.ts';
import { requireRuntime } from '../../runtimes/require-runtime.ts';
import type { RuntimeEndpoint } from '../../runtimes/runtime.ts';
import type { RuntimeReads } from '../../runtimes/runtime-store.ts';
import type { Operation } from '../operation.ts';
import { paginate } from '../pagination.ts';
import { shownEndpoint } from './runtime-answers.ts';

export function listAgentRuntimeEndpoints({
  store,
}: {
  readonly store: Pick<RuntimeReads, 'findRuntime' | 'listEndpoints'>;
}) {
  const operation: Operation<'ListAgentRuntimeEndpoints'> = async (input, { principal }) => {
    const runtime = await requireRuntime(store, principal, parseRuntimeId(input.agentRuntimeId));
    const page = await paginate({
      list: ['ListAgentRuntimeEndpoints', runtime.id],
      nextToken: input.nextToken,
      maxResults: input.maxResults,
      keyOf: ({ name }: RuntimeEndpoint): [string] => [name],
      fetch: (after, limit) => store.listEndpoints(runtime.id, { after: after?.[0], limit }),
    });
    const runtimeEndpoints = page.items.map((endpoint) => shownEndpoint(runtime, endpoint));
    return { runtimeEndpoints, nextToken: page.nextToken };
  };
  return operation;
}
