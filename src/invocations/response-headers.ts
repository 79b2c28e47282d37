import type { IncomingHttpHeaders } from 'node:http';
import {
  connectionBound,
  mcpSessionIdHeader,
  requestIdHeader,
  sessionIdHeader,
  traceHeaders,
  traceIdHeader,
  userIdHeader,
} from './header-names.ts';

export interface CallerResponseHeaders {
  /** Of the agent's answer; lower-case names. */
  readonly agent: IncomingHttpHeaders;
  /** Of the caller's request: trace context that the agent does not answer comes back as it went in. */
  readonly request: IncomingHttpHeaders;
  readonly sessionId: string;
  readonly requestId: string;
  readonly traceId: string;
  /** Set by the protocol: names and values in turn. */
  readonly protocolHeaders: readonly string[];
}

/**
 * An agent must not speak as the service, nor set anything in a browser for Berth's own origin, which serves other agents and the
 * console, too.
 */
const neverPassed = new Set([
  'alt-svc',
  'clear-site-data',
  mcpSessionIdHeader,
  'public-key-pins',
  'service-worker-allowed',
  'set-cookie',
  'set-cookie2',
  'strict-transport-security',
  'www-authenticate',
  'x-amzn-errortype',
  'x-amzn-requestid',
  sessionIdHeader,
  requestIdHeader,
  userIdHeader,
]);

/** Names and values in turn, for the caller of an invocation. */
export function callerResponseHeaders(parts: CallerResponseHeaders): string[] {
  const { agent, request, sessionId, requestId, traceId, protocolHeaders } = parts;
  const isBound = connectionBound(agent.connection);
  const result: string[] = [];
  for (const [name, value] of Object.entries(agent)) {
    if (value === undefined || isBound(name) || neverPassed.has(name) || name.startsWith('x-amz-')) continue;
    for (const one of typeof value === 'string' ? [value] : value) result.push(name, one);
  }
  if (agent['content-type'] === undefined) result.push('content-type', 'application/octet-stream');
  for (const name of traceHeaders) {
    const known = name === traceIdHeader ? traceId : request[name];
    if (agent[name] === undefined && known !== undefined) result.push(name, String(known));
  }
  result.push(sessionIdHeader, sessionId, 'x-amzn-requestid', requestId, ...protocolHeaders);
  return result;
}
