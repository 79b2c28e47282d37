import { parseRuntimeId } from '../../runtimes/arns.ts';
import { requireRuntime } from '../../runtimes/require-runtime.ts';
import type { RuntimeVersion } from '../../runtimes/runtime.ts';
import type { RuntimeReads } from '../../runtimes/runtime-store.ts';
import type { Operation } from '../operation.ts';
import { paginate } from '../pagination.ts';
import { listedRuntime } from './runtime-answers.ts';

export function listAgentRuntimeVersions({
  store,
}: {
  readonly store: Pick<RuntimeReads, 'findRuntime' | 'listVersions'>;
}) {
  const operation: Operation<'ListAgentRuntimeVersions'> = async (input, { principal }) => {
    const runtime = await requireRuntime(store, principal, parseRuntimeId(input.agentRuntimeId));
    const page = await paginate({
      list: ['ListAgentRuntimeVersions', runtime.id],
      nextToken: input.nextToken,
      maxResults: input.maxResults,
      keyOf: ({ version }: RuntimeVersion): [number] => [version],
      fetch: (after, limit) => store.listVersions(runtime.id, { after: after?.[0], limit }),
    });
    const agentRuntimes = page.items.map((version) => listedRuntime({ runtime, version }));
    return { agentRuntimes, nextToken: page.nextToken };
  };
  return operation;
}
