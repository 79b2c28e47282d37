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
  'telemetry:span': {
    text: 'Each call of a proven caller (InvokeAgentRuntime, GetAgentCard, StopRuntimeSession) is a server span with its ids and numbers; failures of server and agent are errors; nothing of what was said, no tokens',
    source: 'issue data plane, Telemetry / OpenTelemetry, HTTP semantic conventions',
  },
  'telemetry:join': {
    text: "A span joins the caller's trace by traceparent, or by X-Amzn-Trace-Id when there is none; malformed ones are ignored and a new trace begins",
    source: 'issue data plane, Telemetry / W3C Trace Context / contract 1.7',
  },
  'telemetry:hand-on': {
    text: "The agent gets a traceparent with the span as its parent, of the same trace and sampled flag, the caller's tracestate, and an X-Amzn-Trace-Id that says the same; the caller gets that X-Amzn-Trace-Id back",
    source: 'issue data plane, Telemetry / W3C Trace Context / contract 1.7',
  },
  'telemetry:sampling': {
    text: 'OTEL_TRACES_SAMPLER says which calls are traced; a parent-based one leaves it to callers that bring a trace',
    source: 'OpenTelemetry, SDK environment variables',
  },
  'telemetry:export': {
    text: 'Spans and the metrics of /metrics are exported over OTLP/HTTP, with headers, compression, service name and resource attributes as the OTEL variables say, and flushed when the server closes',
    source: 'issue data plane, Telemetry / OpenTelemetry, OTLP exporter',
  },
  'telemetry:bounded': {
    text: 'A collector that is slow, refuses or never answers costs calls nothing: spans are batched in a bounded queue, drops and failures are counted, the log tells of it once, and closing waits for seconds at most',
    source: 'issue data plane, Telemetry',
  },
  'telemetry:settings': {
    text: "OpenTelemetry's own variables say where and how telemetry goes; a wrong one stops the start, and those that hold secrets are never shown; without an endpoint nothing of OpenTelemetry is loaded",
    source: 'OpenTelemetry, SDK environment variables / design 4, secrets',
  },
  'telemetry:end-to-end': {
    text: "On the real engine an agent sees its caller's trace with Berth's span between, and a collector gets that span and the metrics",
    source: 'issue data plane, Telemetry',
  },
} as const;
