import type { RuntimeVersion } from '../../runtimes/runtime.ts';
import type { SandboxOptions } from '../../runtimes/sandbox-options.ts';
import type { RuntimeId, Scope } from '../../shared/ids.ts';

/** What a runtime wants of its pools, as of now. */
export interface PoolPlan {
  readonly scope: Scope;
  readonly options: SandboxOptions;
  /** Those that an endpoint serves, each with a pool of its own. */
  readonly versions: readonly RuntimeVersion[];
}

export interface PoolPlans {
  /** Runtimes that have any option of pools. */
  listPooling(): Promise<readonly RuntimeId[]>;
  /** Undefined when there is no such runtime, or it is being deleted. */
  findPlan(runtimeId: RuntimeId): Promise<PoolPlan | undefined>;
  /** Calls back after every change of a runtime, its versions, endpoints or options. */
  onChange(listener: (runtimeId: RuntimeId) => void): void;
}
