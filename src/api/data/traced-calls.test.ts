import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { CallTraces, FinishedCall } from './call-traces.ts';
import { DataPlaneFixture, echoPath } from './testing/data-plane-fixture.ts';
import { WebSocketAgent } from './testing/websocket-agent.ts';
import { connectBoth, openWithAgent } from './testing/websocket-pairs.ts';

/** Remembers spans; each hands on a context of its own. */
class FakeTraces implements CallTraces {
  readonly begun: Parameters<CallTraces['begin']>[0][] = [];
  readonly ended: FinishedCall[] = [];

  begin(call: Parameters<CallTraces['begin']>[0]) {
    const number = this.begun.push(call);
    return {
      context: { traceparent: `span ${number}`, tracestate: undefined, traceId: `Root=${number}` },
      end: (finished: FinishedCall) => void this.ended.push(finished),
    };
  }

  async ends(count: number): Promise<readonly FinishedCall[]> {
    while (this.ended.length < count) await new Promise((resolve) => setImmediate(resolve));
    return this.ended;
  }
}

const callers = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'a=1',
  'x-amzn-trace-id': 'Root=mine',
  baggage: 'b=2',
};

test("the agent gets the span's context instead of its caller's, and the caller the span's id", async () => {
  verifies('telemetry:hand-on');
  const traces = new FakeTraces();
  await using fixture = await DataPlaneFixture.open(
    (request, response) => {
      const { traceparent, tracestate, baggage, 'x-amzn-trace-id': traceId } = request.headers;
      response.end(JSON.stringify({ traceparent, tracestate, baggage, traceId }));
    },
    { traces },
  );
  const answer = await fixture.call({ session: 's1', body: '{}', headers: callers });
  assert.deepEqual(JSON.parse(answer.body), { traceparent: 'span 1', baggage: 'b=2', traceId: 'Root=1' });
  assert.deepEqual(
    [answer.headers['x-amzn-trace-id'], answer.headers['traceparent'], answer.headers['tracestate']],
    ['Root=1', callers.traceparent, callers.tracestate],
  );
  assert.equal(traces.begun[0]?.headers['traceparent'], callers.traceparent);
});

test('each call has one span, which ends when its answer is over, also when it is refused', async () => {
  verifies('telemetry:span');
  const traces = new FakeTraces();
  await using fixture = await DataPlaneFixture.open((_request, response) => response.end('ok'), { traces });
  await fixture.call({ session: 's1', body: '{}', claims: true });
  await fixture.call({ session: 's1', body: '{}', headers: { accept: 'x'.repeat(300) } });
  await fixture.call({ session: 's1', path: `${echoPath}/stopruntimesession` });
  const card = `${echoPath}/invocations/.well-known/agent-card.json`;
  await fixture.call({ session: 's1', method: 'GET', path: card });
  const ended = await traces.ends(4);
  assert.deepEqual(
    ended.map(({ operation, route, status, failure }) => [
      operation,
      route.split('/').at(-1),
      status,
      failure,
    ]),
    [
      ['InvokeAgentRuntime', 'invocations', 200, undefined],
      ['InvokeAgentRuntime', 'invocations', 400, 'validation'],
      ['StopRuntimeSession', 'stopruntimesession', 200, undefined],
      ['GetAgentCard', 'agent-card.json', 400, 'validation'],
    ],
  );
  assert.equal(traces.begun.length, 4);
});

test('a WebSocket is one span, from the request to its close, and the agent gets its context', async () => {
  verifies('telemetry:span', 'telemetry:hand-on');
  const traces = new FakeTraces();
  const agent = new WebSocketAgent();
  await using fixture = await openWithAgent(agent.onUpgrade, { traces });
  const { caller, request } = await connectBoth(fixture, agent, { headers: callers });
  assert.equal(request.headers['traceparent'], 'span 1');
  assert.equal(traces.ended.length, 0);
  caller.close();
  const [end] = await traces.ends(1);
  assert.deepEqual(
    [end?.operation, end?.status, end?.failure],
    ['InvokeAgentRuntimeWithWebSocketStream', 101, undefined],
  );
});

test('a caller that is not proven begins no span, nor does one that asks for a path that is not there', async () => {
  verifies('telemetry:span');
  const traces = new FakeTraces();
  await using fixture = await DataPlaneFixture.open((_request, response) => response.end('ok'), { traces });
  await fixture.call({ session: 's1', headers: { authorization: 'nobody', ...callers } });
  await fixture.call({ session: 's1', headers: { 'x-test-sha256': 'f'.repeat(64), ...callers } });
  await fixture.call({ session: 's1', path: `${echoPath}/nothing` });
  await fixture.call({ session: 's1' });
  const [only] = await traces.ends(1);
  assert.equal(only?.status, 200);
  assert.equal(traces.begun.length, 1);
});
