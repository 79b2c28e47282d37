/** What the data plane tells of itself: issue "data plane", Telemetry of the data plane. */
export const telemetry = {
  'telemetry:runtime-metrics': {
    text: '/metrics counts data-plane requests, their errors by kind (user, system, throttle), latency, time to first byte, bytes and sessions, by runtime, endpoint and operation; each names its AWS metric, and no caller can make series',
    source: 'issue data plane, Telemetry / AWS, runtime metrics',
  },
  'telemetry:finished-call': {
    text: 'A call that is over is told with its ids, status, failure, bytes both ways, time to first byte and whether it started a sandbox, also when its answer has a 200 or its caller did not wait',
    source: 'issue data plane, Telemetry',
  },
  'telemetry:no-traces': {
    text: "Where nobody collects traces a caller's trace headers go on as they came, and X-Amzn-Trace-Id says the same as traceparent when the caller sent none",
    source: 'contract 1.7 / W3C Trace Context',
  },
} as const;
