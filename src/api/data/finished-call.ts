import { runtimeArn } from '../../runtimes/arns.ts';
import { errorKindOf } from './call-failure.ts';
import type { FinishedCall } from './call-traces.ts';
import { type DataOperation, pathTemplates } from './data-route.ts';
import type { Exchange } from './exchange.ts';

export interface ReportParts {
  readonly events: { callFinished(call: FinishedCall): void };
  readonly durationMs: number;
  /** Where the answer is not the response: of a WebSocket that was opened. */
  readonly changes?: Partial<FinishedCall>;
}

/** Counts a call that is over, and ends its span. A caller that was never proven leaves no trace. */
export function reportFinished(
  exchange: Exchange,
  operation: DataOperation,
  { events, durationMs, changes }: ReportParts,
): void {
  const call = { ...finishedCall(exchange, operation, durationMs), ...changes };
  events.callFinished(call);
  if (exchange.principal !== undefined) exchange.trace()?.end(call);
}

function finishedCall(exchange: Exchange, operation: DataOperation, durationMs: number): FinishedCall {
  const { request, response, requestId, startedAtMs, target, firstByteAtMs } = exchange;
  const { statusCode, writableFinished, headersSent } = response;
  const failure = exchange.failure ?? (writableFinished ? undefined : 'caller-left');
  return {
    requestId,
    operation,
    method: request.method ?? '',
    route: pathTemplates[operation],
    runtimeArn: target && runtimeArn(target.runtime, target.runtime.id),
    runtimeId: target?.runtime.id,
    endpoint: target?.endpoint.name,
    version: exchange.version ?? target?.version.version,
    protocol: target?.version.protocol,
    sessionId: exchange.sessionId,
    // As nginx does for a caller that did not wait for its answer.
    status: headersSent ? statusCode : 499,
    failure,
    errorKind: errorKindOf(failure),
    bytesIn: exchange.body?.sizeBytes ?? 0,
    bytesOut: exchange.bytesOut,
    startedAtMs,
    durationMs,
    firstByteMs: firstByteAtMs === undefined ? undefined : firstByteAtMs - startedAtMs,
    hasStartedSandbox: exchange.hasStartedSandbox,
  };
}
