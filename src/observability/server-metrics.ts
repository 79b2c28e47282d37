import type { Counter, Histogram, Metrics } from './metrics.ts';

/** Every counter of the server; docs/admin-api.md lists them. Gauges are registered by who can read them. */
export interface ServerMetrics {
  readonly auditFailures: Counter;
  readonly auditLost: Counter;
  readonly requests: Counter;
  readonly unexpected: Counter;
  readonly invocations: Counter;
  readonly brokenInvocations: Counter;
  readonly invocationSeconds: Histogram;
  readonly webSockets: Counter;
  readonly webSocketBytes: Counter;
  readonly webSocketSeconds: Histogram;
  readonly starts: Counter;
  readonly startFailures: Counter;
  readonly startSeconds: Histogram;
  readonly ends: Counter;
  readonly hibernations: Counter;
  readonly hibernateSeconds: Histogram;
  readonly hibernationFailures: Counter;
  readonly checkpointBytes: Counter;
  readonly wakes: Counter;
  readonly wakeSeconds: Histogram;
  readonly adoptions: Counter;
  readonly freezeSeconds: Histogram;
  readonly thawSeconds: Histogram;
  readonly pooled: Counter;
  readonly poolRetirements: Counter;
  readonly poolClaims: Counter;
  readonly poolFailures: Counter;
  readonly repairs: Counter;
  readonly versions: Counter;
  readonly images: Counter;
  readonly jobFailures: Counter;
}

const repairKinds = ['container', 'shim', 'snapshot', 'disk', 'namespace', 'link', 'cgroup', 'mount'].map(
  (kind) => ({
    kind,
  }),
);
const thawBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
const startBounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const invocationBounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 300, 900, 3_600];

export function createServerMetrics(metrics: Metrics): ServerMetrics {
  return {
    auditFailures: metrics.counter(
      'berth_audit_write_failures_total',
      'Times that the audit log could not be written.',
    ),
    auditLost: metrics.counter(
      'berth_audit_lost_refusals_total',
      'Refusals of which the audit log has no more than their number.',
    ),
    requests: metrics.counter('berth_requests_total', 'Requests answered, by operation and status.', []),
    unexpected: metrics.counter(
      'berth_unexpected_errors_total',
      'Requests that failed for a reason inside the server.',
    ),
    invocations: metrics.counter(
      'berth_invocations_total',
      'Invocations answered, by status (AWS: Invocations of InvokeAgentRuntime).',
      [],
    ),
    brokenInvocations: metrics.counter(
      'berth_invocations_broken_total',
      'Invocations whose answer broke off.',
    ),
    invocationSeconds: metrics.histogram(
      'berth_invocation_seconds',
      'From the head of the request to the end of the answer (AWS: Latency).',
      invocationBounds,
    ),
    webSockets: metrics.counter('berth_websockets_total', 'WebSockets that are over, by close code.', []),
    webSocketBytes: metrics.counter(
      'berth_websocket_bytes_total',
      'Bytes relayed in WebSockets, by sender.',
      [{ from: 'caller' }, { from: 'agent' }],
    ),
    webSocketSeconds: metrics.histogram(
      'berth_websocket_seconds',
      'From the head of the request to the end of the connection.',
      invocationBounds,
    ),
    starts: metrics.counter('berth_session_starts_total', 'Sessions that became ready (AWS: SessionCount).'),
    startFailures: metrics.counter('berth_session_start_failures_total', 'Sessions that failed to start.'),
    hibernations: metrics.counter('berth_session_hibernations_total', 'Sessions whose sandbox went to disk.'),
    hibernateSeconds: metrics.histogram(
      'berth_session_hibernate_seconds',
      'From the idle limit of a session until its sandbox is on disk.',
      startBounds,
    ),
    hibernationFailures: metrics.counter(
      'berth_session_hibernation_failures_total',
      'Sessions whose sandbox could not go to disk, and ended.',
    ),
    checkpointBytes: metrics.counter(
      'berth_session_checkpoint_bytes_total',
      'Bytes written of hibernated sessions.',
    ),
    wakes: metrics.counter('berth_session_wakes_total', 'Hibernated sessions that were brought back.'),
    wakeSeconds: metrics.histogram(
      'berth_session_wake_seconds',
      'From the call of a hibernated session to its readiness.',
      startBounds,
    ),
    startSeconds: metrics.histogram(
      'berth_session_start_seconds',
      'From the claim of a session to its readiness.',
      startBounds,
    ),
    ends: metrics.counter('berth_session_ends_total', 'Sessions that ended, by reason.', []),
    adoptions: metrics.counter(
      'berth_session_adoptions_total',
      'Sessions adopted after a restart of the server.',
    ),
    freezeSeconds: metrics.histogram(
      'berth_session_freeze_seconds',
      'Until an idle sandbox was frozen.',
      thawBounds,
    ),
    thawSeconds: metrics.histogram(
      'berth_session_thaw_seconds',
      'From the call that wakes a frozen sandbox until it runs.',
      thawBounds,
    ),
    pooled: metrics.counter('berth_pool_starts_total', 'Sandboxes that were made ready ahead of time.'),
    poolRetirements: metrics.counter(
      'berth_pool_retirements_total',
      'Pooled sandboxes that ended without ever having a session, by reason.',
      [],
    ),
    poolClaims: metrics.counter(
      'berth_pool_claims_total',
      'Sessions of versions with a pool that began, by outcome: hit (with a pooled sandbox) or miss.',
      [{ outcome: 'hit' }, { outcome: 'miss' }],
    ),
    poolFailures: metrics.counter(
      'berth_pool_start_failures_total',
      'Pooled sandboxes that failed to start.',
    ),
    repairs: metrics.counter('berth_sweep_repairs_total', 'What sweeps repaired, by kind.', repairKinds),
    versions: metrics.counter('berth_versions_total', 'Runtime versions prepared, by outcome.', []),
    images: metrics.counter('berth_images_total', 'Images pushed to and pulled by this server.', []),
    jobFailures: metrics.counter(
      'berth_job_failures_total',
      'Failed attempts of background jobs, by kind.',
      [],
    ),
  };
}
