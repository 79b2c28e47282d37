import { isBeingDeleted } from '../../runtimes/require-runtime.ts';
import type { InvocationTargets } from '../../runtimes/runtime.ts';
import type { RuntimeStore } from '../../runtimes/runtime-store.ts';
import { optionTagPrefix } from '../../runtimes/sandbox-options.ts';
import type { PoolPlans } from './pool-plan.ts';

export interface PoolPlansParts {
  readonly store: Pick<RuntimeStore, 'findRuntime' | 'listEndpoints' | 'listRuntimesTagged' | 'onChange'>;
  readonly targets: Pick<InvocationTargets, 'findOptions' | 'findVersion'>;
}

/** More endpoints than a runtime may have. */
const limit = 1_000;

/** What runtimes' tags and endpoints say of their pools. */
export function createPoolPlans({ store, targets }: PoolPlansParts): PoolPlans {
  return {
    listPooling: () => store.listRuntimesTagged(`${optionTagPrefix}pool`),
    async findPlan(runtimeId) {
      const runtime = await store.findRuntime(runtimeId);
      if (runtime === undefined || isBeingDeleted(runtime.status)) return undefined;
      const options = await targets.findOptions(runtimeId);
      const endpoints = await store.listEndpoints(runtimeId, { limit, after: undefined });
      const live = new Set(endpoints.flatMap(({ liveVersion }) => liveVersion ?? []));
      const found = await Promise.all([...live].map((version) => targets.findVersion(runtimeId, version)));
      // Storage belongs to a session, and is mounted before the agent runs.
      const versions = found.filter(
        (version) => version?.status === 'READY' && version.sessionStoragePath === undefined,
      );
      const { accountId, region } = runtime;
      return {
        scope: { accountId, region },
        options,
        versions: versions.filter((version) => version !== undefined),
      };
    },
    onChange: store.onChange.bind(store),
  };
}
