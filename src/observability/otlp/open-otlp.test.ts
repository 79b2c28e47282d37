import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { OtlpReceiver } from '../../../test/fixture/otlp-receiver.ts';
import { verifies } from '../../../test/requirements.ts';
import { systemRandom } from '../../shared/ids.ts';
import type { Logger } from '../logger.ts';
import { Metrics } from '../metrics.ts';
import { openOtlp, type OtlpParts } from './open-otlp.ts';
import type { TracedCall } from './span-attributes.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const call: TracedCall = {
  requestId: 'r-1',
  operation: 'InvokeAgentRuntime',
  method: 'POST',
  route: '/runtimes/{agentRuntimeArn}/invocations',
  runtimeArn: 'arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/a-1',
  runtimeId: 'a-1',
  endpoint: 'DEFAULT',
  version: 3,
  protocol: 'HTTP',
  sessionId: 's-1',
  status: 200,
  failure: undefined,
  errorKind: undefined,
  bytesIn: 7,
  bytesOut: 9,
  startedAtMs: 1_700_000_000_000,
  durationMs: 250,
  firstByteMs: 40,
  hasStartedSandbox: true,
};

type Sampler = NonNullable<OtlpParts['settings']['traces']>['sampler'];

interface Options {
  readonly sampler?: Partial<Sampler>;
  readonly queueSize?: number;
  readonly batchSize?: number;
  readonly serviceName?: string;
  readonly isCompressed?: boolean;
  readonly clock?: FakeClock;
  readonly caFile?: string;
}

/** Exports to `url`, at once when a batch is full, else when it is closed. */
async function otlpTo(url: string, options: Options = {}) {
  const { sampler, queueSize = 100, batchSize = 100, serviceName, isCompressed = false } = options;
  const { clock = new FakeClock(), caFile } = options;
  const metrics = new Metrics();
  const lines: string[] = [];
  const write = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  const common = { headers: { 'api-key': 'hush' }, timeoutMs: 10_000, isCompressed };
  const otlp = await openOtlp({
    settings: {
      traces: {
        ...common,
        url: `${url}/v1/traces`,
        sampler: { root: 'always_on', isParentBased: true, ratio: 1, ...sampler },
        queueSize,
        batchSize,
        delayMs: 600_000,
      },
      metrics: { ...common, url: `${url}/v1/metrics`, intervalMs: 600_000 },
      serviceName,
      resourceAttributes: { 'service.name': 'shadowed', 'deployment.environment': 'test' },
      tls: { caFile, certFile: undefined, keyFile: undefined },
    },
    version: '1.2.3',
    accountId: '000000000000',
    region: 'us-east-1',
    metrics,
    log,
    clock,
    random: systemRandom,
  });
  const { traces } = otlp;
  assert.ok(traces !== undefined);
  const spansNow = (outcome: string) =>
    Number(
      new RegExp(`^berth_telemetry_spans_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm').exec(
        metrics.render(),
      )?.[1],
    );
  return { otlp, traces, metrics, lines, spansNow };
}

test('a call becomes a server span with ids and numbers, under the name of the service', async () => {
  verifies('telemetry:span', 'telemetry:export');
  await using receiver = await OtlpReceiver.open();
  const { otlp, traces, spansNow } = await otlpTo(receiver.url, { serviceName: 'edge', isCompressed: true });
  traces.begin({ startedAtMs: call.startedAtMs, headers: {} }).end(call);
  await otlp[Symbol.asyncDispose]();
  const [span] = receiver.spans;
  assert.ok(span !== undefined);
  const { startMs, endMs, attributes, resource } = span;
  assert.deepEqual([span.name, span.kind, span.status, span.parentId], ['InvokeAgentRuntime', 2, 0, '']);
  assert.deepEqual([startMs, endMs], [call.startedAtMs, call.startedAtMs + 250]);
  assert.deepEqual(attributes, {
    'http.request.method': 'POST',
    'http.route': '/runtimes/{agentRuntimeArn}/invocations',
    'http.response.status_code': 200,
    'http.request.body.size': 7,
    'http.response.body.size': 9,
    'session.id': 's-1',
    'aws.operation.name': 'InvokeAgentRuntime',
    'aws.request_id': 'r-1',
    'aws.resource.type': 'AWS::BedrockAgentCore::Runtime',
    'aws.resource.arn': call.runtimeArn,
    'aws.agent.id': 'a-1',
    'aws.endpoint.name': 'DEFAULT',
    'berth.runtime.version': 3,
    'berth.runtime.protocol': 'HTTP',
    'berth.time_to_first_byte_ms': 40,
    'berth.sandbox.started': true,
  });
  assert.deepEqual(resource, {
    'service.name': 'edge',
    'service.version': '1.2.3',
    'cloud.account.id': '000000000000',
    'cloud.region': 'us-east-1',
    'deployment.environment': 'test',
  });
  const sent = receiver.requests.find(({ url }) => url === '/v1/traces');
  assert.deepEqual([sent?.headers['api-key'], sent?.headers['content-encoding']], ['hush', 'gzip']);
  assert.equal(spansNow('exported'), 1);
});

test("failures of the server and of agents are errors of the span, a caller's own are not", async () => {
  verifies('telemetry:span');
  await using receiver = await OtlpReceiver.open();
  const { otlp, traces } = await otlpTo(receiver.url);
  for (const [failure, errorKind] of [
    ['validation', 'user'],
    ['internal', 'system'],
    ['runtime-client-error', 'user'],
    ['caller-left', undefined],
  ])
    traces.begin({ startedAtMs: call.startedAtMs, headers: {} }).end({ ...call, failure, errorKind });
  await otlp[Symbol.asyncDispose]();
  assert.deepEqual(
    receiver.spans.map(({ attributes, status }) => [attributes['error.type'], status]),
    [
      ['validation', 0],
      ['internal', 2],
      ['runtime-client-error', 2],
      ['caller-left', 0],
    ],
  );
});

test("a span joins the caller's trace, and what is handed on has the span as its parent", async () => {
  verifies('telemetry:join', 'telemetry:hand-on');
  await using receiver = await OtlpReceiver.open();
  const { otlp, traces } = await otlpTo(receiver.url);
  const headers = { traceparent: `00-${traceId}-${parentId}-01`, tracestate: 'a=1,b=2' };
  const span = traces.begin({ startedAtMs: call.startedAtMs, headers });
  span.end(call);
  await otlp[Symbol.asyncDispose]();
  const [exported] = receiver.spans;
  assert.deepEqual(
    [exported?.traceId, exported?.parentId, exported?.tracestate],
    [traceId, parentId, 'a=1,b=2'],
  );
  const spanId = exported?.spanId ?? '';
  assert.deepEqual(span.context, {
    traceparent: `00-${traceId}-${spanId}-01`,
    tracestate: 'a=1,b=2',
    traceId: `Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=${spanId};Sampled=1`,
  });
});

test('without a caller’s trace a new one begins, of the moment, which may have an X-Ray root for its name', async () => {
  verifies('telemetry:join');
  await using receiver = await OtlpReceiver.open();
  const { otlp, traces } = await otlpTo(receiver.url);
  const begin = (headers: Record<string, string>) => {
    const span = traces.begin({ startedAtMs: call.startedAtMs, headers });
    span.end(call);
    return span.context;
  };
  const contexts = [
    begin({}),
    begin({ traceparent: 'rubbish', tracestate: 'a=1' }),
    begin({ 'x-amzn-trace-id': 'Root=1-0af76519-16cd43dd8448eb211c80319c' }),
    begin({}),
  ];
  await otlp[Symbol.asyncDispose]();
  const ids = receiver.spans.map((span) => span.traceId);
  assert.deepEqual(
    contexts.map(({ traceparent, tracestate }) => [traceparent.split('-')[1], tracestate]),
    ids.map((id) => [id, undefined]),
  );
  assert.equal(ids[2], traceId);
  assert.equal(new Set(ids).size, 4);
  const seconds = Math.floor(new FakeClock().now() / 1000)
    .toString(16)
    .padStart(8, '0');
  for (const id of [ids[0], ids[1], ids[3]]) assert.ok(id?.startsWith(seconds), id);
  assert.deepEqual(new Set(receiver.spans.map(({ parentId: parent }) => parent)), new Set(['']));
});

test('the sampler decides, unless the caller has', async () => {
  verifies('telemetry:sampling', 'telemetry:hand-on');
  const sampled = { traceparent: `00-${traceId}-${parentId}-01` };
  const unsampled = { traceparent: `00-${traceId}-${parentId}-00` };
  const deferred = { 'x-amzn-trace-id': `Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=${parentId}` };
  const rows: readonly (readonly [Partial<Sampler>, Record<string, string>, flag: string])[] = [
    [{}, sampled, '01'],
    [{}, unsampled, '00'],
    [{}, {}, '01'],
    [{}, deferred, '01'],
    [{ root: 'always_off' }, sampled, '01'],
    [{ root: 'always_off' }, deferred, '00'],
    [{ root: 'always_off' }, {}, '00'],
    [{ root: 'always_off', isParentBased: false }, sampled, '00'],
    [{ root: 'always_on', isParentBased: false }, unsampled, '01'],
    [{ root: 'traceidratio', ratio: 0 }, {}, '00'],
    [{ root: 'traceidratio', ratio: 1 }, {}, '01'],
  ];
  for (const [sampler, headers, flag] of rows) {
    await using receiver = await OtlpReceiver.open();
    const { otlp, traces } = await otlpTo(receiver.url, { sampler });
    const span = traces.begin({ startedAtMs: call.startedAtMs, headers });
    span.end(call);
    await otlp[Symbol.asyncDispose]();
    const what = JSON.stringify([sampler, headers]);
    assert.equal(span.context.traceparent.slice(-2), flag, what);
    assert.ok(span.context.traceId.endsWith(`;Sampled=${Number(flag)}`), what);
    assert.equal(receiver.spans.length, Number(flag), what);
  }
});

test('spans go in batches; what the queue has no room for is dropped and counted, and nobody waits', async () => {
  verifies('telemetry:bounded');
  await using receiver = await OtlpReceiver.open();
  const gate = Promise.withResolvers<void>();
  receiver.hold = gate.promise;
  const { otlp, traces, spansNow } = await otlpTo(receiver.url, { queueSize: 6, batchSize: 3 });
  for (let count = 0; count < 12; count += 1)
    traces.begin({ startedAtMs: call.startedAtMs, headers: {} }).end(call);
  // The first batch left the queue at once.
  assert.equal(spansNow('dropped'), 3);
  gate.resolve();
  await otlp[Symbol.asyncDispose]();
  assert.deepEqual([spansNow('exported'), spansNow('failed'), receiver.spans.length], [9, 0, 9]);
  assert.ok(receiver.requests.filter(({ spans }) => spans > 0).every(({ spans }) => spans === 3));
});

test('a collector that refuses is told of once, without its headers and answers', async () => {
  verifies('telemetry:bounded');
  await using receiver = await OtlpReceiver.open();
  receiver.status = 400;
  const { otlp, traces, lines, spansNow } = await otlpTo(receiver.url, { batchSize: 1 });
  for (let count = 0; count < 3; count += 1)
    traces.begin({ startedAtMs: call.startedAtMs, headers: {} }).end(call);
  await otlp[Symbol.asyncDispose]();
  assert.deepEqual([spansNow('exported'), spansNow('failed')], [0, 3]);
  assert.deepEqual(lines.toSorted(), [
    'telemetry cannot be exported {"what":"metrics","reason":"Bad Request"}',
    'telemetry cannot be exported {"what":"traces","reason":"Bad Request"}',
  ]);
});

test('a collector that never answers does not keep the server from closing', async () => {
  verifies('telemetry:bounded');
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  assert.ok(typeof address === 'object' && address !== null);
  const clock = new FakeClock();
  const { otlp, traces } = await otlpTo(`http://127.0.0.1:${address.port}`, { clock });
  traces.begin({ startedAtMs: call.startedAtMs, headers: {} }).end(call);
  const closed = otlp[Symbol.asyncDispose]();
  await clock.advance(5_000);
  await closed;
  silent.closeAllConnections();
  silent.close();
});

test('metrics are exported as /metrics shows them', async () => {
  verifies('telemetry:export');
  await using receiver = await OtlpReceiver.open();
  const { otlp, metrics } = await otlpTo(receiver.url);
  metrics.counter('berth_calls_total', 'Calls.', []).add({ kind: 'a' }, 2);
  metrics.gauge('berth_live', 'Live ones.', () => 7);
  const seconds = metrics.histogram('berth_wait_seconds', 'Waits.', [0.1, 1]);
  for (const value of [0.05, 0.5, 0.5, 30]) seconds.observe(value);
  await otlp[Symbol.asyncDispose]();
  const counter = receiver.metrics.get('berth_calls_total');
  assert.deepEqual([counter?.type, counter?.description, counter?.unit], ['sum', 'Calls.', '1']);
  assert.deepEqual([counter?.points[0]?.attributes, counter?.points[0]?.value], [{ kind: 'a' }, 2]);
  assert.deepEqual(receiver.metrics.get('berth_live')?.points[0]?.value, 7);
  const histogram = receiver.metrics.get('berth_wait_seconds');
  assert.deepEqual([histogram?.type, histogram?.unit], ['histogram', 's']);
  const [point] = histogram?.points ?? [];
  assert.deepEqual([point?.bucketCounts, point?.count, point?.value], [[1, 2, 1], 4, 31.05]);
});

test('a certificate file that cannot be read stops the start', async () => {
  verifies('telemetry:settings');
  await assert.rejects(otlpTo('https://127.0.0.1:1', { caFile: '/nowhere/ca.pem' }), {
    code: 'validation',
    message: /^OTEL_EXPORTER_OTLP_CERTIFICATE names a file that cannot be read: ENOENT.*\/nowhere\/ca\.pem/,
  });
});
