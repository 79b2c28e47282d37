import type { IncomingMessage } from 'node:http';
import {
  customHeaderPrefix,
  mcpSessionIdHeader,
  sessionIdHeader,
  traceIdHeader,
  userIdHeader,
  workloadTokenHeader,
  workloadTokenOldHeader,
} from '../../invocations/header-names.ts';
import type { SessionId } from '../../shared/ids.ts';
import { Problems } from '../rest-json/problems.ts';

export interface InvokeHeaders {
  /** Undefined: the caller gets a new one. */
  readonly sessionId: SessionId | undefined;
  readonly mcpSessionId: string | undefined;
  readonly userId: string | undefined;
  /** Of an agent that calls on behalf of its own user. */
  readonly workloadToken: string | undefined;
  readonly sdkInvocationId: string | undefined;
  readonly traceId: string | undefined;
}

/** Members that are headers, and the lengths that the service model gives them (contract 3.1). */
const bounds: readonly (readonly [member: string, header: string, min: number, max: number])[] = [
  ['contentType', 'content-type', 1, 256],
  ['accept', 'accept', 1, 256],
  ['mcpSessionId', mcpSessionIdHeader, 1, 1024],
  ['runtimeSessionId', sessionIdHeader, 33, 256],
  ['mcpProtocolVersion', 'mcp-protocol-version', 1, 1024],
  ['mcpMethod', 'mcp-method', 1, 1024],
  ['mcpName', 'mcp-name', 1, 1024],
  ['runtimeUserId', userIdHeader, 1, 1024],
  ['traceId', traceIdHeader, 0, 128],
  ['traceParent', 'traceparent', 0, 128],
  ['traceState', 'tracestate', 0, 512],
  ['baggage', 'baggage', 0, 8192],
];

/** Contract 5.1, custom headers. */
const customHeaderLimit = 20;
const customValueBytes = 4096;
/** Without blanks: two session headers, which Node joins with a comma and a blank, are refused as well. */
const printable = /^[\x21-\x7e]+$/;

/** Checks the head of an invocation; throws one `validation` with all that is wrong in it. */
export function readInvokeHeaders({ headers }: Pick<IncomingMessage, 'headers'>): InvokeHeaders {
  const problems = new Problems();
  for (const [member, name, min, max] of bounds) {
    const value = headers[name];
    if (typeof value !== 'string') continue;
    if (value.length < min)
      problems.add(member, value, `Member must have length greater than or equal to ${min}`);
    if (value.length > max)
      problems.add(member, value, `Member must have length less than or equal to ${max}`);
  }
  const sessionId = textOf(headers[sessionIdHeader]);
  const mcpSessionId = textOf(headers[mcpSessionIdHeader]);
  for (const [member, id] of [
    ['runtimeSessionId', sessionId],
    ['mcpSessionId', mcpSessionId],
  ] as const) {
    if (id === undefined || printable.test(id)) continue;
    problems.add(member, id, 'Member must be printable ASCII characters without blanks, sent once');
  }
  checkCustomHeaders(headers, problems);
  problems.throwIfAny();
  return {
    sessionId: sessionId as SessionId | undefined,
    mcpSessionId,
    userId: textOf(headers[userIdHeader]),
    workloadToken: textOf(headers[workloadTokenHeader]) ?? textOf(headers[workloadTokenOldHeader]),
    sdkInvocationId: textOf(headers['amz-sdk-invocation-id']),
    traceId: textOf(headers[traceIdHeader]),
  };
}

function checkCustomHeaders(headers: IncomingMessage['headers'], problems: Problems): void {
  let count = 0;
  for (const name in headers) {
    if (!name.startsWith(customHeaderPrefix)) continue;
    count += 1;
    if (String(headers[name]).length > customValueBytes) {
      problems.add(name, headers[name], `Header must have at most ${customValueBytes} bytes`);
    }
  }
  if (count > customHeaderLimit) {
    problems.add(customHeaderPrefix, count, `A request may have at most ${customHeaderLimit} custom headers`);
  }
}

function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
