import type { IncomingHttpHeaders } from 'node:http';
import type { ServerProtocol } from '../runtimes/runtime.ts';
import {
  callbackUrlHeader,
  connectionBound,
  customHeaderPrefix,
  requestIdHeader,
  sessionIdHeader,
  traceHeaders,
  traceIdHeader,
  workloadTokenOldHeader,
} from './header-names.ts';
import type { TraceContext } from './trace-context.ts';

export interface AgentRequestHeaders {
  /** Of the caller's request. */
  readonly headers: IncomingHttpHeaders;
  /** Undefined when the request has no body. */
  readonly contentType: string | undefined;
  readonly sizeBytes: number;
  readonly protocol: ServerProtocol;
  readonly sessionId: string;
  readonly requestId: string;
  readonly traceId: string;
  /** In place of the caller's own; undefined: they go on as they came. */
  readonly trace: TraceContext | undefined;
  /** Names that the version wants to see, in any case. */
  readonly headerAllowlist: readonly string[];
  /** The Authorization header holds a bearer token; a signature is never passed on. */
  readonly hasTokenCaller: boolean;
}

/** What of the caller's own headers an agent may see without asking; signatures, cookies and the rest of x-amz* stay here. */
const passed: readonly string[] = [
  'accept-encoding',
  'accept-language',
  'content-encoding',
  'content-language',
  'content-disposition',
  ...traceHeaders,
];

/** What a protocol's servers cannot do without; MCP's session id is translated on the way. */
const protocolHeaders: Readonly<Record<ServerProtocol, readonly string[]>> = {
  HTTP: [],
  AGUI: [],
  MCP: ['mcp-protocol-version', 'mcp-method', 'mcp-name', 'last-event-id'],
  A2A: ['a2a-version', 'a2a-extensions', 'x-a2a-extensions'],
};

const defaultAccept = 'text/event-stream, application/json';
/** Even when a version asks for them: they belong to the connection, prove to others who the caller is, or are the service's to say. */
const neverPassed = new Set([
  ...['cookie', 'host', 'content-length', 'expect'],
  ...[workloadTokenOldHeader, callbackUrlHeader],
]);

/** The headers of a request to an agent (contract 4.2, labs 4.1): a table, since an agent is not trusted with the rest. */
export function agentRequestHeaders(parts: AgentRequestHeaders): Record<string, string> {
  const { headers } = parts;
  const isBound = connectionBound(headers.connection);
  const result: Record<string, string> = {};
  const pass = (name: string) => {
    // A name that a version asks for may be one of every object's own.
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (value !== undefined && !isBound(name)) result[name] = String(value);
  };
  for (const name of passed) pass(name);
  for (const name of protocolHeaders[parts.protocol]) pass(name);
  for (const name in headers) if (name.startsWith(customHeaderPrefix)) pass(name);
  for (const name of parts.headerAllowlist) {
    const lower = name.toLowerCase();
    if (lower === 'authorization' && !parts.hasTokenCaller) continue;
    if (!neverPassed.has(lower) && !lower.startsWith('x-amz-')) pass(lower);
  }
  const { accept } = headers;
  result['accept'] =
    accept === undefined || accept.trim() === '*/*' || accept === '' ? defaultAccept : accept;
  if (parts.contentType !== undefined) {
    result['content-type'] = parts.contentType;
    result['content-length'] = String(parts.sizeBytes);
  }
  result[sessionIdHeader] = parts.sessionId;
  result[requestIdHeader] = parts.requestId;
  result[traceIdHeader] = parts.traceId;
  if (parts.trace !== undefined) {
    result['traceparent'] = parts.trace.traceparent;
    if (parts.trace.tracestate === undefined) delete result['tracestate'];
    else result['tracestate'] = parts.trace.tracestate;
  }
  return result;
}
