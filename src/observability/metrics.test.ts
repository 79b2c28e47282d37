import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { Events } from './events.ts';
import type { Logger } from './logger.ts';
import { Metrics } from './metrics.ts';

const ignore = () => {};
const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const session = {
  runtimeId: 'a-AbCdEf1234',
  id: 's'.repeat(33),
  incarnation: 1,
  endpoint: 'DEFAULT',
  version: 1,
};

describe('metrics', () => {
  it('count what happens, from zero', () => {
    verifies('observability:metrics', 'websocket:events');
    const metrics = new Metrics();
    const events = new Events({ logger: silent, metrics });
    metrics.gauge('berth_live_sessions', 'Sessions that have not ended.', () => 7);
    assert.match(metrics.render(), /^berth_session_adoptions_total 0$/m);

    events.sessionReady({ session, sandbox: { id: 'sb-1' }, durationMs: 300 });
    events.startFailed({ session, reason: 'exited', logLines: [] });
    events.sessionAdopted(session);
    events.sessionEnded({ session, reason: 'idle', exit: undefined, logLines: [] });
    events.sweepRepaired({ link: 2, disk: 0 });
    events.invocationFinished({
      requestId: 'r',
      runtimeId: 'a',
      sessionId: 's',
      status: 200,
      durationMs: 40,
    });

    const webSocket = { requestId: 'w', durationMs: 2_000, callerBytes: 10, agentBytes: 20 };
    for (const closeCode of [1000, 4321]) {
      events.webSocketOpened();
      events.webSocketClosed({ ...webSocket, closeCode });
    }
    events.webSocketOpened();

    const text = metrics.render();
    for (const line of [
      'berth_session_starts_total 1',
      'berth_session_start_failures_total 1',
      'berth_session_adoptions_total 1',
      'berth_session_ends_total{reason="idle"} 1',
      'berth_sweep_repairs_total{kind="link"} 2',
      'berth_sweep_repairs_total{kind="disk"} 0',
      'berth_live_sessions 7',
      'berth_invocations_total{status="200"} 1',
      'berth_open_websockets 1',
      'berth_websockets_total{close_code="1000"} 1',
      'berth_websockets_total{close_code="other"} 1',
      'berth_websocket_bytes_total{from="agent"} 40',
      'berth_websocket_seconds_sum 4',
      'berth_session_start_seconds_bucket{le="0.25"} 0',
      'berth_session_start_seconds_bucket{le="0.5"} 1',
      'berth_session_start_seconds_bucket{le="+Inf"} 1',
      'berth_session_start_seconds_sum 0.3',
    ]) {
      assert.ok(text.split('\n').includes(line), `${line} is missing in\n${text}`);
    }
  });

  it('escape what their labels hold', () => {
    const metrics = new Metrics();
    metrics.counter('odd_total', 'Odd.', []).add({ name: 'a"\\\nb' });
    assert.match(metrics.render(), /^odd_total\{name="a\\"\\\\\\nb"\} 1$/m);
  });
});
