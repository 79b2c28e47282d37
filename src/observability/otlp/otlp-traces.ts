import {
  type Attributes,
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import { type CallerTrace, readCallerTrace } from './caller-trace.ts';
import { spanAttributes, spanName, type TracedCall } from './span-attributes.ts';
import type { TraceIds } from './trace-ids.ts';

export interface OtlpTracesParts {
  readonly tracer: Tracer;
  readonly ids: TraceIds;
  /** Of traces that begin here, or whose callers leave it to us. */
  readonly rootSampler: Sampler;
}

/** Server spans of the calls of the data plane. */
export class OtlpTraces {
  readonly #parts: OtlpTracesParts;

  constructor(parts: OtlpTracesParts) {
    this.#parts = parts;
  }

  /** The name and the attributes come at the end: only then are they known. */
  begin({
    startedAtMs,
    headers,
  }: {
    readonly startedAtMs: number;
    readonly headers: Parameters<typeof readCallerTrace>[0];
  }) {
    const { tracer, ids } = this.#parts;
    const caller = readCallerTrace(headers);
    ids.giveTraceId(caller !== undefined && caller.parentId === undefined ? caller.traceId : undefined);
    const options = { kind: SpanKind.SERVER, startTime: startedAtMs };
    const span = tracer.startSpan('call', options, this.#parentOf(caller));
    return { context: contextOf(span), end: (call: TracedCall) => end(span, call) };
  }

  #parentOf(caller: CallerTrace | undefined): Context {
    if (caller?.parentId === undefined) return ROOT_CONTEXT;
    const { traceId, parentId: spanId, tracestate } = caller;
    const isSampled = caller.isSampled ?? this.#wouldSample(traceId);
    return trace.setSpanContext(ROOT_CONTEXT, {
      traceId,
      spanId,
      traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
      isRemote: true,
      ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
    });
  }

  #wouldSample(traceId: string): boolean {
    const { rootSampler } = this.#parts;
    const { decision } = rootSampler.shouldSample(ROOT_CONTEXT, traceId, 'call', SpanKind.SERVER, {}, []);
    return decision === SamplingDecision.RECORD_AND_SAMPLED;
  }
}

/** Of the span, for the agent: its parent is this one. */
function contextOf(span: Span) {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const isSampled = traceFlags & TraceFlags.SAMPLED;
  const tracestate = traceState?.serialize();
  return {
    traceparent: `00-${traceId}-${spanId}-0${isSampled}`,
    tracestate: tracestate === '' ? undefined : tracestate,
    traceId: `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${isSampled}`,
  };
}

function end(span: Span, call: TracedCall): void {
  if (span.isRecording()) {
    span.updateName(spanName(call));
    const attributes: Attributes = spanAttributes(call);
    span.setAttributes(attributes);
    // The caller's own mistakes are no errors of a server (OpenTelemetry, HTTP server spans); an agent's failure is one.
    if (call.errorKind === 'system' || call.failure === 'runtime-client-error')
      span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end(call.startedAtMs + call.durationMs);
}
