import type { Parsed } from './parsed-settings.ts';

/** Where and how traces and metrics are exported over OTLP; at least one of them is. */
export interface TelemetryConfig {
  readonly traces: TracesConfig | undefined;
  readonly metrics: MetricsConfig | undefined;
  /** Undefined: nobody said so. */
  readonly serviceName: string | undefined;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** Files for TLS with the collector. */
  readonly tls: {
    readonly caFile: string | undefined;
    readonly certFile: string | undefined;
    readonly keyFile: string | undefined;
  };
}

interface ExportConfig {
  /** Whole URL. */
  readonly url: string;
  /** Secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly isCompressed: boolean;
}

interface TracesConfig extends ExportConfig {
  readonly sampler: {
    readonly root: 'always_on' | 'always_off' | 'traceidratio';
    /** Callers that bring a trace decide. */
    readonly isParentBased: boolean;
    /** Of `traceidratio`. */
    readonly ratio: number;
  };
  readonly queueSize: number;
  readonly batchSize: number;
  readonly delayMs: number;
}

interface MetricsConfig extends ExportConfig {
  readonly intervalMs: number;
}

/** Undefined when nothing is to be exported. */
export function telemetryConfig(parsed: Parsed): TelemetryConfig | undefined {
  if (parsed.otelDisabled) return undefined;
  const traces = tracesConfig(parsed);
  const metrics = metricsConfig(parsed);
  if (traces === undefined && metrics === undefined) return undefined;
  const { serviceName, resourceAttributes, otlpCertificate, otlpClientCertificate, otlpClientKey } = parsed;
  const tls = { caFile: otlpCertificate, certFile: otlpClientCertificate, keyFile: otlpClientKey };
  return { traces, metrics, serviceName, resourceAttributes, tls };
}

function tracesConfig(parsed: Parsed): TracesConfig | undefined {
  const url = parsed.otlpTracesEndpoint ?? below(parsed.otlpEndpoint, 'v1/traces');
  if (url === undefined || parsed.tracesExporter === 'none') return undefined;
  const { tracesSampler, tracesSamplerArg: ratio, spanQueueSize, spanBatchSize } = parsed;
  return {
    ...exportConfig(parsed, url, parsed.otlpTracesHeaders),
    sampler: {
      root: samplerRoots[tracesSampler],
      isParentBased: tracesSampler.startsWith('parentbased_'),
      ratio,
    },
    queueSize: spanQueueSize,
    batchSize: Math.min(spanBatchSize, spanQueueSize),
    delayMs: parsed.spanDelay,
  };
}

function metricsConfig(parsed: Parsed): MetricsConfig | undefined {
  const url = parsed.otlpMetricsEndpoint ?? below(parsed.otlpEndpoint, 'v1/metrics');
  if (url === undefined || parsed.metricsExporter === 'none') return undefined;
  return { ...exportConfig(parsed, url, parsed.otlpMetricsHeaders), intervalMs: parsed.metricInterval };
}

function exportConfig(
  { otlpHeaders, otlpTimeout, otlpCompression }: Parsed,
  url: string,
  headers: Readonly<Record<string, string>>,
): ExportConfig {
  return {
    url,
    headers: { ...otlpHeaders, ...headers },
    timeoutMs: otlpTimeout,
    isCompressed: otlpCompression === 'gzip',
  };
}

const samplerRoots = {
  always_on: 'always_on',
  always_off: 'always_off',
  traceidratio: 'traceidratio',
  parentbased_always_on: 'always_on',
  parentbased_always_off: 'always_off',
  parentbased_traceidratio: 'traceidratio',
} as const;

function below(endpoint: string | undefined, path: string): string | undefined {
  return endpoint === undefined ? undefined : `${endpoint}/${path}`;
}
