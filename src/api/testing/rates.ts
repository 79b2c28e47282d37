import type { OperationRates } from '../operation-rates.ts';

/** No limits, but for those given, in calls per second. */
export function ratesOf(given: Partial<OperationRates> = {}): OperationRates {
  return {
    ...{ controlMutationRate: 0, controlGetRate: 0, controlListRate: 0, invocationRate: 0 },
    ...{ identityControlRate: 0, identityReadRate: 0, identityCompletionRate: 0 },
    ...given,
  };
}
