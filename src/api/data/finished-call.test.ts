import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { BerthError } from '../../shared/errors.ts';
import type { FinishedCall } from './call-traces.ts';
import { DataPlaneFixture, echoPath } from './testing/data-plane-fixture.ts';

const arn = /^arn:aws:bedrock-agentcore:[a-z0-9-]+:\d{12}:runtime\/echo-AbCdEf1234$/;

/** The next call that the data plane says is over. */
async function finishedOf(fixture: DataPlaneFixture, count = 1): Promise<FinishedCall> {
  while (fixture.finished.length < count) await new Promise((resolve) => setImmediate(resolve));
  const last = fixture.finished[count - 1];
  assert.ok(last !== undefined);
  return last;
}

test('a call is told with its ids, its bytes and whether it started a sandbox', async () => {
  verifies('telemetry:finished-call');
  await using fixture = await DataPlaneFixture.open((request, response) => {
    request.resume();
    response.write('12345');
    setImmediate(() => response.end('678'));
  });
  const answer = await fixture.call({ session: 's1', body: '{"a":1}', claims: true });
  const first = await finishedOf(fixture);
  assert.match(first.runtimeArn ?? '', arn);
  assert.deepEqual(
    [first.operation, first.endpoint, first.version, first.protocol, first.status],
    ['InvokeAgentRuntime', 'DEFAULT', 1, 'HTTP', 200],
  );
  assert.deepEqual([first.bytesIn, first.bytesOut, first.hasStartedSandbox], [7, 8, true]);
  assert.deepEqual([first.failure, first.errorKind], [undefined, undefined]);
  assert.equal(first.requestId, answer.headers['x-amzn-requestid']);
  assert.ok(first.firstByteMs !== undefined && first.firstByteMs <= first.durationMs);
  await fixture.call({ session: 's1' });
  const second = await finishedOf(fixture, 2);
  assert.deepEqual([second.sessionId, second.hasStartedSandbox], [first.sessionId, false]);
});

test('what failed is told by its kind, whatever status the protocol gives it', async () => {
  verifies('telemetry:finished-call');
  await using fixture = await DataPlaneFixture.open((_request, response) => {
    response.statusCode = 500;
    response.end();
  });
  await using mcp = await DataPlaneFixture.open(
    (_request, response) => {
      response.statusCode = 500;
      response.end();
    },
    { protocol: 'MCP' },
  );
  await fixture.call({ session: 's1' });
  const agents = await finishedOf(fixture);
  assert.deepEqual([agents.status, agents.failure, agents.errorKind], [424, 'runtime-client-error', 'user']);
  await mcp.call({
    session: 's1',
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    headers: { accept: 'application/json, text/event-stream' },
  });
  const hidden = await finishedOf(mcp);
  assert.deepEqual([hidden.status, hidden.failure, hidden.errorKind], [200, 'runtime-client-error', 'user']);
  await fixture.call({ session: 's1', headers: { authorization: 'nobody' } });
  const unproven = await finishedOf(fixture, 2);
  assert.deepEqual([unproven.failure, unproven.errorKind], ['missing-authentication', 'user']);
  await fixture.call({ session: 's1', path: echoPath.replace('echo-', 'none-') + '/invocations' });
  const missing = await finishedOf(fixture, 3);
  assert.deepEqual(
    [missing.failure, missing.runtimeId, missing.endpoint],
    ['not-found', undefined, undefined],
  );
});

test('throttled calls and failures of the server are kinds of their own', async () => {
  verifies('telemetry:finished-call');
  await using fixture = await DataPlaneFixture.open((_request, response) => response.end(), {
    invocationRate: 0.001,
    sessions: {
      takeNewSession: () => {
        throw new BerthError('unavailable', 'not today');
      },
    },
  });
  await fixture.call({ session: 's1' });
  await fixture.call({ session: 's1' });
  const kinds = [await finishedOf(fixture), await finishedOf(fixture, 2)].map(({ errorKind }) => errorKind);
  assert.deepEqual(kinds, ['system', 'throttle']);
});

test('an agent that breaks off has failed, a caller that leaves has not', async () => {
  verifies('telemetry:finished-call');
  await using fixture = await DataPlaneFixture.open((request, response) => {
    response.write('the first words');
    if (request.headers['x-amzn-bedrock-agentcore-runtime-custom-end'] !== undefined)
      setImmediate(() => response.destroy());
  });
  const broken = await fixture.open({
    session: 's1',
    headers: { 'x-amzn-bedrock-agentcore-runtime-custom-end': 'now' },
  });
  broken.on('error', () => {}).resume();
  const agents = await finishedOf(fixture);
  assert.deepEqual([agents.status, agents.failure], [200, 'runtime-client-error']);
  const open = await fixture.open({ session: 's1' });
  await once(open, 'data');
  open.destroy();
  const left = await finishedOf(fixture, 2);
  assert.deepEqual([left.status, left.failure, left.errorKind], [200, 'caller-left', undefined]);
  assert.equal(left.bytesOut, 15);
});

test('trace headers go on as they came when nobody collects traces', async () => {
  verifies('telemetry:no-traces');
  await using fixture = await DataPlaneFixture.open((request, response) => {
    const { traceparent, tracestate, 'x-amzn-trace-id': traceId } = request.headers;
    response.end(JSON.stringify({ traceparent, tracestate, traceId }));
  });
  const seenFor = async (headers: Record<string, string>) => {
    const answer = await fixture.call({ session: 's1', headers });
    const seen = JSON.parse(answer.body) as { traceId: string };
    assert.equal(answer.headers['x-amzn-trace-id'], seen.traceId);
    return seen;
  };
  const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00', tracestate: 'a=1' };
  const own = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  assert.deepEqual(await seenFor(trace), {
    ...trace,
    traceId: 'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=0',
  });
  assert.deepEqual(await seenFor({ ...trace, 'x-amzn-trace-id': own }), { ...trace, traceId: own });
  for (const traceparent of ['rubbish', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`])
    assert.match((await seenFor({ traceparent })).traceId, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
});

test('a caller that leaves before it is answered has status 499', async () => {
  verifies('telemetry:finished-call');
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  await using fixture = await DataPlaneFixture.open(() => onAsked());
  const request = fixture.start({ session: 's1' });
  request.on('error', () => {}).end();
  await asked;
  request.destroy();
  const left = await finishedOf(fixture);
  assert.deepEqual(
    [left.status, left.failure, left.errorKind, left.firstByteMs],
    [499, 'caller-left', undefined, undefined],
  );
});
