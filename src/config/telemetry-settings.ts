import type { Setting } from './setting.ts';
import {
  absolutePath,
  baseUrl,
  fraction,
  keyValues,
  oneOf,
  textLike,
  trueFalse,
  wholeNumber,
} from '../shared/value-types.ts';

const milliseconds = wholeNumber(1, 2 ** 31 - 1);
const protocol = oneOf(['http/protobuf']);

/** The variables that OpenTelemetry's specification gives to every program, under the names it gives them. */
export const telemetrySettings = {
  otlpEndpoint: {
    variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    meaning: 'collector that traces (at /v1/traces below it) and metrics (/v1/metrics) are sent to',
    type: baseUrl,
  },
  otlpTracesEndpoint: {
    variable: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    meaning: 'whole URL that traces are sent to',
    type: baseUrl,
  },
  otlpMetricsEndpoint: {
    variable: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
    meaning: 'whole URL that metrics are sent to',
    type: baseUrl,
  },
  otlpHeaders: {
    variable: 'OTEL_EXPORTER_OTLP_HEADERS',
    default: '',
    meaning: 'headers for the collector, such as its key; never logged',
    type: keyValues,
    isSecret: true,
  },
  otlpTracesHeaders: {
    variable: 'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
    default: '',
    meaning: 'further headers, for traces',
    type: keyValues,
    isSecret: true,
  },
  otlpMetricsHeaders: {
    variable: 'OTEL_EXPORTER_OTLP_METRICS_HEADERS',
    default: '',
    meaning: 'further headers, for metrics',
    type: keyValues,
    isSecret: true,
  },
  otlpProtocol: {
    variable: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    default: 'http/protobuf',
    meaning: 'how the collector is spoken to',
    type: protocol,
  },
  otlpTracesProtocol: {
    variable: 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
    default: 'http/protobuf',
    meaning: 'the same, for traces',
    type: protocol,
  },
  otlpMetricsProtocol: {
    variable: 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
    default: 'http/protobuf',
    meaning: 'the same, for metrics',
    type: protocol,
  },
  otlpTimeout: {
    variable: 'OTEL_EXPORTER_OTLP_TIMEOUT',
    default: '10000',
    meaning: 'milliseconds that an export may take, with what is tried again',
    type: milliseconds,
  },
  otlpCompression: {
    variable: 'OTEL_EXPORTER_OTLP_COMPRESSION',
    default: 'none',
    meaning: 'compression of what is sent',
    type: oneOf(['none', 'gzip']),
  },
  otlpCertificate: {
    variable: 'OTEL_EXPORTER_OTLP_CERTIFICATE',
    meaning: "file with the certificates that the collector's is checked against, instead of the usual ones",
    type: absolutePath,
  },
  otlpClientCertificate: {
    variable: 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
    meaning: 'file with the certificate that the server shows to the collector',
    type: absolutePath,
  },
  otlpClientKey: {
    variable: 'OTEL_EXPORTER_OTLP_CLIENT_KEY',
    meaning: 'file with the key of that certificate',
    type: absolutePath,
  },
  tracesExporter: {
    variable: 'OTEL_TRACES_EXPORTER',
    default: 'otlp',
    meaning: 'whether traces are exported, where there is an endpoint for them',
    type: oneOf(['otlp', 'none']),
  },
  metricsExporter: {
    variable: 'OTEL_METRICS_EXPORTER',
    default: 'otlp',
    meaning: 'whether metrics are exported, where there is an endpoint for them',
    type: oneOf(['otlp', 'none']),
  },
  otelDisabled: {
    variable: 'OTEL_SDK_DISABLED',
    default: 'false',
    meaning: 'exports nothing, whatever else is set',
    type: trueFalse,
  },
  serviceName: {
    variable: 'OTEL_SERVICE_NAME',
    meaning:
      "the server's name in what it exports; otherwise `service.name` of OTEL_RESOURCE_ATTRIBUTES, or `berth`",
    type: textLike(/\S/, 'a name'),
  },
  resourceAttributes: {
    variable: 'OTEL_RESOURCE_ATTRIBUTES',
    default: '',
    meaning: 'what else says which server this is',
    type: keyValues,
  },
  tracesSampler: {
    variable: 'OTEL_TRACES_SAMPLER',
    default: 'parentbased_always_on',
    meaning: 'which calls are traced; `parentbased_` leaves it to callers that bring a trace',
    type: oneOf([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ]),
  },
  tracesSamplerArg: {
    variable: 'OTEL_TRACES_SAMPLER_ARG',
    default: '1',
    meaning: 'share of traces that `traceidratio` keeps',
    type: fraction,
  },
  spanQueueSize: {
    variable: 'OTEL_BSP_MAX_QUEUE_SIZE',
    default: '2048',
    meaning: 'spans that wait for their export at most; more are dropped and counted',
    type: wholeNumber(1, 1_000_000),
  },
  spanBatchSize: {
    variable: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
    default: '512',
    meaning: 'spans in one export at most',
    type: wholeNumber(1, 1_000_000),
  },
  spanDelay: {
    variable: 'OTEL_BSP_SCHEDULE_DELAY',
    default: '5000',
    meaning: 'milliseconds between two exports of spans',
    type: milliseconds,
  },
  metricInterval: {
    variable: 'OTEL_METRIC_EXPORT_INTERVAL',
    default: '60000',
    meaning: 'milliseconds between two exports of metrics',
    type: milliseconds,
  },
} as const satisfies Record<string, Setting>;
