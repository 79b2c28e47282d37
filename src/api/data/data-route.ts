/** Operations of the data plane that are served near to the sockets; those without an SDK method have their IAM name (contract 1.4). */
export type DataOperation =
  | 'GetAgentCard'
  | 'GetRuntimeProtectedResourceMetadata'
  | 'InvokeAgentRuntime'
  | 'InvokeAgentRuntimeCommand'
  | 'InvokeAgentRuntimeCommandShell'
  | 'InvokeAgentRuntimeWithWebSocketStream'
  | 'StopRuntimeSession';

/** Those that are WebSocket connections. */
export type UpgradeOperation = Extract<
  DataOperation,
  'InvokeAgentRuntimeCommandShell' | 'InvokeAgentRuntimeWithWebSocketStream'
>;

/** A request of the data plane, by its raw path: an ARN is one segment, still encoded, and a trailing slash may follow. */
export interface DataRoute {
  readonly operation: DataOperation;
  /** Still encoded. */
  readonly rawTarget: string;
  readonly rawQuery: string;
}

const form = /^\/runtimes\/([^/?]+)\/([^?]+?)\/?(?:\?(.*))?$/s;

const operations: Readonly<Record<string, DataOperation>> = {
  'POST invocations': 'InvokeAgentRuntime',
  // MCP's stream of the server's own messages, and the end of an MCP session.
  'GET invocations': 'InvokeAgentRuntime',
  'DELETE invocations': 'InvokeAgentRuntime',
  'GET invocations/.well-known/agent-card.json': 'GetAgentCard',
  'POST commands': 'InvokeAgentRuntimeCommand',
  'GET invocations/.well-known/oauth-protected-resource': 'GetRuntimeProtectedResourceMetadata',
  'GET ws': 'InvokeAgentRuntimeWithWebSocketStream',
  'GET ws/shells': 'InvokeAgentRuntimeCommandShell',
  'POST stopruntimesession': 'StopRuntimeSession',
};

/** Undefined for what is not served here. */
export function matchDataRoute(
  method: string | undefined,
  rawUrl: string | undefined,
): DataRoute | undefined {
  const [, rawTarget, name, rawQuery = ''] = form.exec(rawUrl ?? '') ?? [];
  const operation = operations[`${method} ${name}`];
  return rawTarget === undefined || operation === undefined ? undefined : { operation, rawTarget, rawQuery };
}

/** Paths as the service model writes them, for telemetry. */
export const pathTemplates: Readonly<Record<DataOperation, string>> = {
  GetAgentCard: '/runtimes/{agentRuntimeArn}/invocations/.well-known/agent-card.json',
  GetRuntimeProtectedResourceMetadata:
    '/runtimes/{agentRuntimeArn}/invocations/.well-known/oauth-protected-resource',
  InvokeAgentRuntime: '/runtimes/{agentRuntimeArn}/invocations',
  InvokeAgentRuntimeCommand: '/runtimes/{agentRuntimeArn}/commands',
  InvokeAgentRuntimeCommandShell: '/runtimes/{agentRuntimeArn}/ws/shells',
  InvokeAgentRuntimeWithWebSocketStream: '/runtimes/{agentRuntimeArn}/ws',
  StopRuntimeSession: '/runtimes/{agentRuntimeArn}/stopruntimesession',
};
