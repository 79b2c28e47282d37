import type { Metrics } from '../observability/metrics.ts';
import type { AdmissionGate } from '../sandboxes/admission.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';

/** What runs, sleeps and starts at the moment. */
export function registerSessionGauges(
  metrics: Metrics,
  sessions: Pick<SessionRegistry, 'liveCount' | 'hibernatedCount' | 'frozenCount'>,
  gate: Pick<AdmissionGate, 'inFlight' | 'waiting'>,
): void {
  metrics.gauge(
    'berth_live_sessions',
    'Sessions with a sandbox, or about to have one (AWS: ActiveSessionCount).',
    () => sessions.liveCount,
  );
  metrics.gauge(
    'berth_hibernated_sessions',
    'Sessions whose sandbox is on disk.',
    () => sessions.hibernatedCount,
  );
  metrics.gauge('berth_frozen_sandboxes', 'Idle sandboxes that are frozen.', () => sessions.frozenCount);
  metrics.gauge('berth_starts_in_flight', 'Sandboxes that are starting.', () => gate.inFlight);
  metrics.gauge('berth_starts_waiting', 'Starts that wait for their turn.', () => gate.waiting);
}
