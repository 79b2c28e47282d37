import type { IncomingHttpHeaders } from 'node:http';
import type { TraceContext } from '../../invocations/trace-context.ts';
import type { ServerProtocol } from '../../runtimes/runtime.ts';
import type { CallErrorKind, CallFailure } from './call-failure.ts';
import type { DataOperation } from './data-route.ts';

/** Traces of the data plane, for whoever collects them. Nothing here may fail or wait. */
export interface CallTraces {
  /** Begins the span of a call whose caller is proven, joined to the trace that its headers name, if any. */
  begin(call: {
    readonly startedAtMs: number;
    /** Of the request: `traceparent` and `tracestate`, else `x-amzn-trace-id`; malformed ones count as missing. */
    readonly headers: IncomingHttpHeaders;
  }): CallSpan;
}

export interface CallSpan {
  /** What the agent gets in place of the caller's trace headers. */
  readonly context: TraceContext;
  /** To be called once, when the answer is over. */
  end(call: FinishedCall): void;
}

/** A call of the data plane that is over: ids and numbers, nothing of what was said. */
export interface FinishedCall {
  readonly requestId: string;
  readonly operation: DataOperation;
  readonly method: string;
  /** Template of the path. */
  readonly route: string;
  /** The three below are undefined when the call named nothing that is here. */
  readonly runtimeArn: string | undefined;
  readonly runtimeId: string | undefined;
  readonly endpoint: string | undefined;
  /** The session's, or the endpoint's when it did not come to a session. */
  readonly version: number | undefined;
  readonly protocol: ServerProtocol | undefined;
  readonly sessionId: string | undefined;
  /** 499 for a caller that did not wait for its answer. */
  readonly status: number;
  /** Undefined when all went well. */
  readonly failure: CallFailure | undefined;
  readonly errorKind: CallErrorKind | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** From the head of the request to the head of the answer. */
  readonly firstByteMs: number | undefined;
  /** Whether the call had to start the session's sandbox; undefined when it came to none. */
  readonly hasStartedSandbox: boolean | undefined;
}
