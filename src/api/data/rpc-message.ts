/** What is read of a JSON-RPC request: enough to answer it with an error, and to know an MCP handshake. */
export interface RpcMessage {
  /** Null for a notification, a batch, and what is no JSON-RPC. */
  readonly id: string | number | null;
  readonly method: string | undefined;
}

/** Bodies up to this size are looked into; a larger one is relayed unread. */
export const largestPeekedBytes = 64 * 1024;

export const unreadMessage: RpcMessage = { id: null, method: undefined };

export function readRpcMessage(body: Buffer): RpcMessage {
  const message = parse(body.toString());
  if (typeof message !== 'object' || message === null) return unreadMessage;
  const { id, method } = message as { readonly id?: unknown; readonly method?: unknown };
  return {
    id: typeof id === 'string' || typeof id === 'number' ? id : null,
    method: typeof method === 'string' ? method : undefined,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
