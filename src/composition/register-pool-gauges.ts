import type { Metrics } from '../observability/metrics.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { PoolView } from '../sessions/warm-pool/warm-pool.ts';

/** What is ready ahead of time, of all runtimes together. */
export function registerPoolGauges(metrics: Metrics, sessions: Pick<SessionRegistry, 'pool'>): void {
  const sum = (count: (view: PoolView) => number) =>
    (sessions.pool?.view() ?? []).reduce((total, view) => total + count(view), 0);
  metrics.gauge('berth_pool_ready', 'Sandboxes that are ready ahead of time.', () =>
    sum(({ ready }) => ready),
  );
  metrics.gauge('berth_pool_frozen', 'Those of them that are frozen.', () => sum(({ frozen }) => frozen));
  metrics.gauge('berth_pool_wanted', 'Sandboxes that should be ready ahead of time.', () =>
    sum(({ wanted }) => wanted),
  );
}
