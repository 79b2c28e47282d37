/** Names that the service itself writes or reads (contract 1.7), in lower case. */
export const sessionIdHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';
export const requestIdHeader = 'x-amzn-bedrock-agentcore-runtime-request-id';
export const userIdHeader = 'x-amzn-bedrock-agentcore-runtime-user-id';
export const mcpSessionIdHeader = 'mcp-session-id';
export const customHeaderPrefix = 'x-amzn-bedrock-agentcore-runtime-custom-';
export const traceIdHeader = 'x-amzn-trace-id';
/** The workload access token has two names; agents read one or the other (contract 4.2). */
export const workloadTokenHeader = 'x-amz-bedrock-agentcore-identity-wat';
export const workloadTokenOldHeader = 'workloadaccesstoken';
export const callbackUrlHeader = 'oauth2callbackurl';
/** Trace context goes in and comes out. */
export const traceHeaders: readonly string[] = [traceIdHeader, 'traceparent', 'tracestate', 'baggage'];

/** They belong to one connection (RFC 9110, 7.6.1), as do those that Connection names. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Says of a lower-case name whether it must not be passed on, given the message's Connection header. */
export function connectionBound(
  connection: string | readonly string[] | undefined,
): (name: string) => boolean {
  if (connection === undefined) return (name) => hopByHop.has(name);
  const named = new Set(
    String(connection)
      .split(',')
      .map((name) => name.trim().toLowerCase()),
  );
  return (name) => hopByHop.has(name) || named.has(name);
}
