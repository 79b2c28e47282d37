import type { Metrics } from './metrics.ts';

/** A call of the data plane that is over. */
export interface CountedCall {
  readonly operation: string;
  /** Undefined when no such runtime or endpoint was found. */
  readonly runtimeId: string | undefined;
  readonly endpoint: string | undefined;
  readonly errorKind: CallErrorKind | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly durationMs: number;
  /** From the head of the request to the head of the answer; undefined when there was none. */
  readonly firstByteMs: number | undefined;
}

/** Whose fault it was, as AWS counts: the caller's or its agent's, the server's, or too many calls. */
export type CallErrorKind = 'user' | 'system' | 'throttle';

export interface RuntimeMetricsParts {
  readonly metrics: Metrics;
  /** Combinations of runtime, endpoint and operation that have series of their own; the others share one. */
  readonly maxSeries?: number;
}

interface CallSeries {
  readonly runtimeId: string;
  readonly invocations: (amount: number) => void;
  readonly errors: Readonly<Record<CallErrorKind, (amount: number) => void>>;
  readonly latency: (seconds: number) => void;
  readonly firstByte: (seconds: number) => void;
  readonly bytesIn: (amount: number) => void;
  readonly bytesOut: (amount: number) => void;
}

const defaultMaxSeries = 200;
const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 60, 300, 900];
/** Calls that named nothing that is here, so that callers cannot make series. */
const unknown = { runtime: 'none', endpoint: 'none' };
const shared = { runtime: 'other', endpoint: 'other' };

/** Calls by runtime, endpoint and operation, named after what AWS publishes for AgentCore Runtime. */
export class RuntimeMetrics {
  readonly #series = new Map<string, CallSeries>();
  readonly #sessions = new Map<
    string,
    { readonly runtimeId: string; readonly add: (amount: number) => void }
  >();
  readonly #maxSeries: number;
  readonly #metrics: ReturnType<typeof createMetrics>;

  constructor({ metrics, maxSeries = defaultMaxSeries }: RuntimeMetricsParts) {
    this.#maxSeries = maxSeries;
    this.#metrics = createMetrics(metrics);
  }

  callFinished(call: CountedCall): void {
    const series = this.#seriesOf(call);
    series.invocations(1);
    if (call.errorKind !== undefined) series.errors[call.errorKind](1);
    series.latency(call.durationMs / 1000);
    if (call.firstByteMs !== undefined) series.firstByte(call.firstByteMs / 1000);
    if (call.bytesIn > 0) series.bytesIn(call.bytesIn);
    if (call.bytesOut > 0) series.bytesOut(call.bytesOut);
  }

  sessionReady({ runtimeId, endpoint }: { readonly runtimeId: string; readonly endpoint: string }): void {
    const key = `${runtimeId} ${endpoint}`;
    const known = this.#sessions.get(key);
    if (known !== undefined) {
      known.add(1);
      return;
    }
    if (this.#sessions.size >= this.#maxSeries) {
      this.#metrics.sessions.add(shared);
      return;
    }
    const add = this.#metrics.sessions.series({ runtime: runtimeId, endpoint });
    this.#sessions.set(key, { runtimeId, add });
    add(1);
  }

  /** Makes room for others. */
  runtimeDeleted(runtimeId: string): void {
    for (const known of [this.#series, this.#sessions])
      for (const [key, series] of known) if (series.runtimeId === runtimeId) known.delete(key);
    for (const metric of Object.values(this.#metrics)) metric.forget('runtime', runtimeId);
  }

  #seriesOf({ operation, runtimeId, endpoint }: CountedCall): CallSeries {
    const named =
      runtimeId === undefined || endpoint === undefined ? unknown : { runtime: runtimeId, endpoint };
    const key = keyOf(named, operation);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    if (named === unknown || this.#series.size < this.#maxSeries) return this.#open(key, named, operation);
    const sharedKey = keyOf(shared, operation);
    return this.#series.get(sharedKey) ?? this.#open(sharedKey, shared, operation);
  }

  #open(key: string, named: typeof shared, operation: string): CallSeries {
    const { invocations, errors, latency, firstByte, bytes } = this.#metrics;
    const labels = { ...named, operation };
    const series: CallSeries = {
      runtimeId: named.runtime,
      invocations: invocations.series(labels),
      errors: {
        user: errors.series({ ...labels, kind: 'user' }),
        system: errors.series({ ...labels, kind: 'system' }),
        throttle: errors.series({ ...labels, kind: 'throttle' }),
      },
      latency: latency.series(labels),
      firstByte: firstByte.series(labels),
      bytesIn: bytes.series({ ...labels, direction: 'in' }),
      bytesOut: bytes.series({ ...labels, direction: 'out' }),
    };
    this.#series.set(key, series);
    return series;
  }
}

function keyOf({ runtime, endpoint }: typeof shared, operation: string): string {
  return `${runtime} ${endpoint} ${operation}`;
}

function createMetrics(metrics: Metrics) {
  return {
    invocations: metrics.counter(
      'berth_runtime_invocations_total',
      'Requests of the data plane, whatever their answer (AWS: Invocations).',
      [],
    ),
    errors: metrics.counter(
      'berth_runtime_errors_total',
      'Requests of the data plane that failed, by kind: user, system, throttle (AWS: UserErrors, SystemErrors, Throttles).',
      [],
    ),
    latency: metrics.histogram(
      'berth_runtime_latency_seconds',
      'From the head of a request to the end of its answer (AWS: Latency).',
      bounds,
    ),
    firstByte: metrics.histogram(
      'berth_runtime_first_byte_seconds',
      'From the head of a request to the head of its answer.',
      bounds,
    ),
    sessions: metrics.counter(
      'berth_runtime_sessions_total',
      'Sessions that became ready (AWS: SessionCount).',
      [],
    ),
    bytes: metrics.counter(
      'berth_runtime_bytes_total',
      'Bytes of bodies, by direction: in from callers, out to them.',
      [],
    ),
  };
}
