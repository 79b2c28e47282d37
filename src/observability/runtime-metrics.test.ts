import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { Metrics } from './metrics.ts';
import { type CountedCall, RuntimeMetrics } from './runtime-metrics.ts';

const call: CountedCall = {
  operation: 'InvokeAgentRuntime',
  runtimeId: 'a-1',
  endpoint: 'DEFAULT',
  errorKind: undefined,
  bytesIn: 10,
  bytesOut: 300,
  durationMs: 700,
  firstByteMs: 30,
};
const labels = 'runtime="a-1",endpoint="DEFAULT",operation="InvokeAgentRuntime"';

function linesOf(metrics: Metrics): readonly string[] {
  return metrics.render().split('\n');
}

describe('the metrics of runtimes', () => {
  it('count calls, errors by kind, seconds, bytes and sessions', () => {
    verifies('telemetry:runtime-metrics');
    const metrics = new Metrics();
    const runtimes = new RuntimeMetrics({ metrics });
    runtimes.callFinished(call);
    runtimes.callFinished({ ...call, errorKind: 'throttle', firstByteMs: undefined, bytesOut: 0 });
    runtimes.sessionReady({ runtimeId: 'a-1', endpoint: 'DEFAULT' });
    const lines = linesOf(metrics);
    for (const line of [
      `berth_runtime_invocations_total{${labels}} 2`,
      `berth_runtime_errors_total{${labels},kind="throttle"} 1`,
      `berth_runtime_errors_total{${labels},kind="user"} 0`,
      `berth_runtime_errors_total{${labels},kind="system"} 0`,
      `berth_runtime_latency_seconds_bucket{${labels},le="0.5"} 0`,
      `berth_runtime_latency_seconds_bucket{${labels},le="1"} 2`,
      `berth_runtime_latency_seconds_count{${labels}} 2`,
      `berth_runtime_first_byte_seconds_sum{${labels}} 0.03`,
      `berth_runtime_bytes_total{${labels},direction="in"} 20`,
      `berth_runtime_bytes_total{${labels},direction="out"} 300`,
      'berth_runtime_sessions_total{runtime="a-1",endpoint="DEFAULT"} 1',
    ])
      assert.ok(lines.includes(line), `${line} is missing in\n${lines.join('\n')}`);
  });

  it('name the metrics that AWS publishes', () => {
    verifies('telemetry:runtime-metrics');
    const metrics = new Metrics();
    void new RuntimeMetrics({ metrics });
    const helps = linesOf(metrics).filter((line) => line.startsWith('# HELP'));
    for (const name of ['Invocations', 'UserErrors', 'SystemErrors', 'Throttles', 'Latency', 'SessionCount'])
      assert.ok(
        helps.some((help) => /\(AWS: [^)]*\)/.exec(help)?.[0].includes(name)),
        name,
      );
  });

  it('have a bound: what comes later shares its series, and a deleted runtime makes room', () => {
    verifies('telemetry:runtime-metrics');
    const metrics = new Metrics();
    const runtimes = new RuntimeMetrics({ metrics, maxSeries: 2 });
    for (const runtimeId of ['a-1', 'a-2', 'a-3', 'a-4']) {
      runtimes.callFinished({ ...call, runtimeId });
      runtimes.sessionReady({ runtimeId, endpoint: 'DEFAULT' });
    }
    runtimes.runtimeDeleted('a-1');
    runtimes.callFinished({ ...call, runtimeId: 'a-2' });
    runtimes.sessionReady({ runtimeId: 'a-5', endpoint: 'DEFAULT' });
    const counted = (name: string) =>
      linesOf(metrics).flatMap((line) => {
        const [, runtime, value] = new RegExp(`^${name}\\{runtime="([^"]+)".*\\} (\\d+)$`).exec(line) ?? [];
        return runtime === undefined ? [] : [[runtime, Number(value)]];
      });
    assert.deepEqual(Object.fromEntries(counted('berth_runtime_invocations_total')), { 'a-2': 2, other: 2 });
    assert.deepEqual(Object.fromEntries(counted('berth_runtime_sessions_total')), {
      'a-2': 1,
      other: 2,
      'a-5': 1,
    });
  });

  it('give no series to what is not there', () => {
    verifies('telemetry:runtime-metrics');
    const metrics = new Metrics();
    const runtimes = new RuntimeMetrics({ metrics, maxSeries: 0 });
    runtimes.callFinished({ ...call, runtimeId: undefined, endpoint: undefined, errorKind: 'user' });
    assert.match(metrics.render(), /^berth_runtime_errors_total\{runtime="none",.*kind="user"\} 1$/m);
  });
});
