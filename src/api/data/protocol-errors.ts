import type { ServerProtocol } from '../../runtimes/runtime.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { type DescribedError, describeError, type ErrorContext, type WireError } from '../errors.ts';
import type { RpcMessage } from './rpc-message.ts';

export interface ProtocolErrorContext extends ErrorContext {
  /** The agent's, whose clients are answered in its own form; others get AWS's. */
  readonly protocol: ServerProtocol | undefined;
  readonly method: string | undefined;
  readonly rpcId: RpcMessage['id'];
}

interface Row {
  /** Status and JSON-RPC code. */
  readonly mcp: readonly [status: number, code: number];
  /** Without a code the answer is a plain HTTP error in AWS's form. */
  readonly a2a: readonly [status: number, code?: number];
  /** Status and `code` of the RUN_ERROR event. */
  readonly agui: readonly [status: number, code: string];
}

const denied: Row = { mcp: [403, -32_002], a2a: [403], agui: [403, 'ACCESS_DENIED'] };
const busy: Row = { mcp: [200, -32_005], a2a: [409, -32_054], agui: [409, 'SESSION_BUSY'] };
const other: Row = { mcp: [200, -32_603], a2a: [500, -32_603], agui: [500, 'INTERNAL_ERROR'] };

/** Contract 1.6, the mapping by agent protocol. */
const rows: Readonly<Record<ErrorCode, Row>> = {
  unauthorized: { mcp: [401, -32_001], a2a: [401], agui: [401, 'UNAUTHORIZED'] },
  'access-denied': denied,
  'missing-authentication': denied,
  'unrecognized-client': denied,
  'invalid-signature': denied,
  throttled: { mcp: [200, -32_003], a2a: [429, -32_053], agui: [429, 'RATE_LIMIT_EXCEEDED'] },
  'quota-exceeded': { mcp: [200, -32_003], a2a: [429, -32_053], agui: [429, 'SERVICE_QUOTA_EXCEEDED'] },
  'not-found': { mcp: [200, -32_004], a2a: [404, -32_051], agui: other.agui },
  'concurrent-modification': busy,
  conflict: busy,
  'retryable-conflict': busy,
  validation: { mcp: [200, -32_006], a2a: [400, -32_052], agui: [400, 'VALIDATION_ERROR'] },
  'runtime-client-error': { mcp: [200, -32_010], a2a: [424, -32_055], agui: [200, 'AGENT_ERROR'] },
  'not-acceptable': { mcp: [406, -32_011], a2a: other.a2a, agui: other.agui },
  'decryption-failed': other,
  'encryption-failed': other,
  internal: other,
  'provider-failed': other,
  'not-implemented': other,
  unavailable: other,
  'resource-limit': other,
  'unknown-operation': other,
};

/** The answer to anything thrown in an invocation, in the form that the agent's clients read. */
export function toProtocolError(error: unknown, context: ProtocolErrorContext): WireError {
  const described = describeError(error, context);
  const { mcp, a2a, agui } = rows[described.code];
  const { message } = described.content;
  switch (context.protocol) {
    case 'MCP': {
      // A client that opens or closes a stream looks at the status only.
      const status = context.method === 'POST' ? mcp[0] : described.status;
      return withBody(described, status, rpcError(context.rpcId, mcp[1], message));
    }
    case 'A2A':
      return a2a[1] === undefined
        ? withBody(described, described.status, described.content)
        : withBody(described, a2a[0], rpcError(context.rpcId, a2a[1], message));
    case 'AGUI': {
      const event = { type: 'RUN_ERROR', message, code: agui[1] };
      return {
        status: agui[0],
        headers: { ...described.headers, 'content-type': 'text/event-stream' },
        body: `data: ${JSON.stringify(event)}\n\n`,
      };
    }
    default:
      return withBody(described, described.status, described.content);
  }
}

function rpcError(id: RpcMessage['id'], code: number, message: string): object {
  return { jsonrpc: '2.0', id, error: { code, message } };
}

function withBody({ headers }: DescribedError, status: number, content: object): WireError {
  return { status, headers, body: JSON.stringify(content) };
}
