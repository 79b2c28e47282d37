import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { parseConfig } from './parse-config.ts';
import { readEnv } from './read-env.ts';

const machine = { memoryBytes: 2 ** 32, cpus: 1, diskBytes: 5e9, dockerConfigFile: '/nowhere' };
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
const telemetryOf = (env: Record<string, string>) => parseConfig(readEnv(env), machine).telemetry;

describe("OpenTelemetry's variables", () => {
  it('export nothing without an endpoint, or when they say so', () => {
    verifies('telemetry:settings');
    for (const env of [
      {},
      { OTEL_SERVICE_NAME: 'edge', OTEL_TRACES_SAMPLER: 'always_on' },
      { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' },
      { ...endpoint, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
    ])
      assert.equal(telemetryOf(env), undefined);
  });

  it('have the defaults of the specification', () => {
    verifies('telemetry:settings');
    const common = { headers: {}, timeoutMs: 10_000, isCompressed: false };
    assert.deepEqual(telemetryOf(endpoint), {
      traces: {
        ...common,
        url: 'http://collector:4318/v1/traces',
        sampler: { root: 'always_on', isParentBased: true, ratio: 1 },
        queueSize: 2048,
        batchSize: 512,
        delayMs: 5000,
      },
      metrics: { ...common, url: 'http://collector:4318/v1/metrics', intervalMs: 60_000 },
      serviceName: undefined,
      resourceAttributes: {},
      tls: { caFile: undefined, certFile: undefined, keyFile: undefined },
    });
  });

  it('may differ for traces and for metrics', () => {
    verifies('telemetry:settings');
    const telemetry = telemetryOf({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/in',
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b, tenant=blue',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'tenant=red',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_SERVICE_NAME: 'edge',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_BSP_MAX_QUEUE_SIZE: '10',
    });
    assert.equal(telemetry?.metrics, undefined);
    assert.equal(telemetry?.traces?.url, 'https://traces.example/in');
    assert.deepEqual(telemetry.traces.headers, { 'api-key': 'a b', tenant: 'red' });
    assert.deepEqual(telemetry.traces.sampler, { root: 'traceidratio', isParentBased: true, ratio: 0.25 });
    assert.deepEqual([telemetry.traces.isCompressed, telemetry.traces.batchSize], [true, 10]);
    assert.deepEqual(
      [telemetry.serviceName, telemetry.resourceAttributes],
      ['edge', { 'deployment.environment': 'test' }],
    );
  });

  it('stop the start when they are wrong or ask for what is not built, and show no secret', () => {
    verifies('telemetry:settings');
    const wrong = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'hush',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'key=hush%zz',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'key=hush%0d%0aother:hush',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_TRACES_SAMPLER_ARG: '2',
    };
    assert.throws(
      () => telemetryOf(wrong),
      (error: Error) => {
        const lines = error.message.split('\n');
        assert.deepEqual(
          lines.map((line) => line.split(' ')[0]),
          Object.keys(wrong),
        );
        assert.ok(!error.message.includes('hush'), error.message);
        assert.equal(lines[4], "OTEL_EXPORTER_OTLP_PROTOCOL is 'grpc': expected one of http/protobuf.");
        return true;
      },
    );
  });
});
