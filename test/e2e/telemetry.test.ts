import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import {
  InvokeAgentRuntimeCommand,
  type InvokeAgentRuntimeCommandInput,
  StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { OtlpReceiver, type ReceivedSpan } from '../fixture/otlp-receiver.ts';
import { verifies } from '../requirements.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';

describe('telemetry on the real engine', { timeout: 300_000 }, () => {
  let collector: OtlpReceiver;
  let berth: BerthFixture;
  let runtime: DeployedRuntime;
  const sessionId = randomUUID();

  before(async () => {
    collector = await OtlpReceiver.open();
    berth = await BerthFixture.start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=hush',
      OTEL_SERVICE_NAME: 'edge',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
    });
    runtime = await berth.deploy('protocols', 'traced', {
      environmentVariables: { PROTOCOL: 'MCP', STATEFUL: '0' },
      protocolConfiguration: { serverProtocol: 'MCP' },
    });
  });

  after(async () => {
    await berth.destroy();
    await collector[Symbol.asyncDispose]();
  });

  /** What the agent got, and what the caller was told. */
  async function invoke(trace: Partial<InvokeAgentRuntimeCommandInput>) {
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'headers', arguments: {} } };
    const answer = await berth.data.send(
      new InvokeAgentRuntimeCommand({
        agentRuntimeArn: runtime.arn,
        runtimeSessionId: sessionId,
        contentType: 'application/json',
        accept: 'application/json, text/event-stream',
        payload: Buffer.from(JSON.stringify(call)),
        ...trace,
      }),
    );
    const text = (await answer.response?.transformToString()) ?? '';
    const json = text.startsWith('{') ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? assert.fail(text));
    const { result } = JSON.parse(json) as { result: { content: { text: string }[] } };
    return { answer, headers: JSON.parse(result.content[0]?.text ?? '') as Record<string, string> };
  }

  const spanOf = (requestId: string | undefined): Promise<ReceivedSpan> =>
    collector.until(({ spans }) =>
      spans.find(({ attributes }) => attributes['aws.request_id'] === requestId),
    );

  it("an agent sees its caller's trace with Berth's span between, which a collector gets", async () => {
    verifies('telemetry:end-to-end');
    const { answer, headers } = await invoke({
      traceParent: `00-${traceId}-${parentId}-01`,
      traceState: 'vendor=1',
    });
    const span = await spanOf(answer.$metadata.requestId);
    assert.deepEqual([span.traceId, span.parentId, span.tracestate], [traceId, parentId, 'vendor=1']);
    assert.equal(headers['traceparent'], `00-${traceId}-${span.spanId}-01`);
    assert.equal(headers['tracestate'], 'vendor=1');
    const xray = `Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=${span.spanId};Sampled=1`;
    assert.deepEqual([headers['x-amzn-trace-id'], answer.traceId], [xray, xray]);
    const { attributes, resource } = span;
    assert.equal(resource['service.name'], 'edge');
    assert.deepEqual(
      [attributes['aws.agent.id'], attributes['session.id'], attributes['berth.sandbox.started']],
      [runtime.id, sessionId, true],
    );
    assert.equal(attributes['http.response.status_code'], 200);
    assert.ok(Number(attributes['http.response.body.size']) > 0);
    assert.ok(Number(attributes['berth.time_to_first_byte_ms']) <= span.endMs - span.startMs);
  });

  it('a caller that knows X-Ray only is joined, one without a trace gets a new one', async () => {
    verifies('telemetry:end-to-end');
    const xray = await invoke({
      traceId: `Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=${parentId};Sampled=1`,
    });
    const joined = await spanOf(xray.answer.$metadata.requestId);
    assert.deepEqual([joined.traceId, joined.parentId], [traceId, parentId]);
    assert.equal(xray.headers['traceparent'], `00-${traceId}-${joined.spanId}-01`);
    const alone = await invoke({});
    const span = await spanOf(alone.answer.$metadata.requestId);
    assert.equal(span.parentId, '');
    assert.equal(alone.headers['traceparent'], `00-${span.traceId}-${span.spanId}-01`);
    assert.equal(span.attributes['berth.sandbox.started'], false);
  });

  it('/metrics and the collector are told the same', async () => {
    verifies('telemetry:end-to-end');
    await berth.data.send(
      new StopRuntimeSessionCommand({ agentRuntimeArn: runtime.arn, runtimeSessionId: sessionId }),
    );
    const labels = { runtime: runtime.id, endpoint: 'DEFAULT', operation: 'InvokeAgentRuntime' };
    const metrics = await berth.metrics();
    assert.ok(
      metrics.includes(
        `berth_runtime_invocations_total{runtime="${runtime.id}",endpoint="DEFAULT",operation="InvokeAgentRuntime"} 3\n`,
      ),
      metrics,
    );
    await collector.until(({ metrics: received }) => {
      const points = received.get('berth_runtime_invocations_total')?.points ?? [];
      const point = points.find(
        ({ attributes }) =>
          attributes['runtime'] === labels.runtime && attributes['operation'] === labels.operation,
      );
      return point?.value === 3 ? point : undefined;
    });
    assert.ok(collector.requests.every(({ headers }) => headers['api-key'] === 'hush'));
  });

  it('what waits is sent when the server closes, and the log has no secret', async () => {
    verifies('telemetry:end-to-end', 'telemetry:export');
    const { answer } = await invoke({});
    await berth.process.stop();
    assert.ok(
      collector.spans.some(({ attributes }) => attributes['aws.request_id'] === answer.$metadata.requestId),
    );
    assert.ok(!(await berth.process.lastLogLines(10_000)).includes('hush'));
    await berth.process.start();
  });
});
