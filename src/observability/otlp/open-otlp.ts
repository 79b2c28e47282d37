import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { ExportResultCode } from '@opentelemetry/core';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { RandomSource } from '../../shared/ids.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { BoundedSpans } from './bounded-spans.ts';
import { ExportHealth } from './export-health.ts';
import { produceMetrics } from './metric-data.ts';
import { OtlpTraces } from './otlp-traces.ts';
import { readTlsFiles, type TlsFiles } from './tls-files.ts';
import { TraceIds } from './trace-ids.ts';

interface ExportSettings {
  /** Whole URL. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly isCompressed: boolean;
}

interface TracesSettings extends ExportSettings {
  readonly sampler: {
    readonly root: 'always_on' | 'always_off' | 'traceidratio';
    readonly isParentBased: boolean;
    readonly ratio: number;
  };
  readonly queueSize: number;
  readonly batchSize: number;
  readonly delayMs: number;
}

interface MetricsSettings extends ExportSettings {
  readonly intervalMs: number;
}

export interface OtlpParts {
  readonly settings: {
    readonly traces: TracesSettings | undefined;
    readonly metrics: MetricsSettings | undefined;
    readonly serviceName: string | undefined;
    readonly resourceAttributes: Readonly<Record<string, string>>;
    readonly tls: TlsFiles;
  };
  /** Of the server. */
  readonly version: string;
  readonly accountId: string;
  readonly region: string;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export interface Otlp extends AsyncDisposable {
  /** Undefined when traces are not exported. */
  readonly traces: OtlpTraces | undefined;
  /** Sends what waits, for a few seconds at most; never rejects. */
  [Symbol.asyncDispose](): Promise<void>;
}

const flushLimitMs = 5_000;

/**
 * Exports over OTLP/HTTP. The one file that knows OpenTelemetry's SDK as a whole; not to be loaded where nothing is exported.
 * Rejects with `validation` when a file for TLS cannot be read.
 */
export async function openOtlp(given: OtlpParts): Promise<Otlp> {
  const { settings, clock } = given;
  const parts = { ...given, tls: await readTlsFiles(settings.tls) };
  const resource = resourceOf(parts);
  const traces = settings.traces && openTraces(parts, settings.traces, resource);
  const meters = settings.metrics && openMetrics(parts, settings.metrics, resource);
  return {
    traces: traces?.traces,
    async [Symbol.asyncDispose]() {
      const closed = Promise.allSettled([traces?.provider.shutdown(), meters?.shutdown()]);
      await Promise.race([closed, sleep(clock, flushLimitMs)]);
    },
  };
}

type Tls = Awaited<ReturnType<typeof readTlsFiles>>;

function openTraces(
  { version, metrics, log, clock, random, tls }: OtlpParts & { readonly tls: Tls },
  settings: TracesSettings,
  resource: Resource,
) {
  const { queueSize, batchSize, delayMs } = settings;
  const spans = metrics.counter(
    'berth_telemetry_spans_total',
    'Spans of calls, by outcome: exported, failed on their way, dropped because too many waited.',
    ['exported', 'failed', 'dropped'].map((outcome) => ({ outcome })),
  );
  const processor = new BoundedSpans({
    exporter: exporterOptions(settings, tls),
    queueSize,
    batchSize,
    delayMs,
    spans,
    health: new ExportHealth({ log, what: 'traces' }),
  });
  const ids = new TraceIds({ clock, random });
  const rootSampler = rootSamplerOf(settings.sampler);
  const provider = new TracerProvider({
    resource,
    sampler: settings.sampler.isParentBased ? new ParentBasedSampler({ root: rootSampler }) : rootSampler,
    idGenerator: ids,
    spanProcessors: [processor],
  });
  return {
    provider,
    traces: new OtlpTraces({ tracer: provider.getTracer('berth', version), ids, rootSampler }),
  };
}

function openMetrics(
  { version, metrics, log, clock, tls }: OtlpParts & { readonly tls: Tls },
  settings: MetricsSettings,
  resource: Resource,
): MeterProvider {
  const { intervalMs, timeoutMs } = settings;
  const health = new ExportHealth({ log, what: 'metrics' });
  const reader = new PeriodicExportingMetricReader({
    exporter: new WatchedMetricExporter(exporterOptions(settings, tls), health),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(intervalMs, timeoutMs),
    metricProducers: [produceMetrics({ families: () => metrics.families(), resource, version, clock })],
  });
  return new MeterProvider({ resource, readers: [reader] });
}

class WatchedMetricExporter extends OTLPMetricExporter {
  readonly #health: ExportHealth;

  constructor(options: ConstructorParameters<typeof OTLPMetricExporter>[0], health: ExportHealth) {
    super(options);
    this.#health = health;
  }

  override export(...[metrics, done]: Parameters<OTLPMetricExporter['export']>): void {
    super.export(metrics, (result) => {
      const isDone = result.code === ExportResultCode.SUCCESS;
      this.#health.note(isDone ? undefined : (result.error ?? new Error('no reason was given')));
      done(result);
    });
  }
}

function resourceOf({ settings, version, accountId, region }: OtlpParts): Resource {
  const { serviceName, resourceAttributes } = settings;
  return resourceFromAttributes({
    'service.name': 'berth',
    'service.version': version,
    'cloud.account.id': accountId,
    'cloud.region': region,
    ...resourceAttributes,
    ...(serviceName !== undefined && { 'service.name': serviceName }),
  });
}

function rootSamplerOf({ root, ratio }: TracesSettings['sampler']): Sampler {
  switch (root) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
  }
}

function exporterOptions({ url, headers, timeoutMs, isCompressed }: ExportSettings, tls: Tls) {
  return {
    url,
    headers: { ...headers },
    timeoutMillis: timeoutMs,
    httpAgentOptions: { keepAlive: true, ...tls },
    compression: isCompressed ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
  };
}
