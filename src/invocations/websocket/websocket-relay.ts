import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { SessionLease } from '../../sessions/session-lease.ts';
import type { Clock } from '../../shared/clock.ts';
import type { RandomSource } from '../../shared/ids.ts';
import { requestIdHeader, sessionIdHeader, traceIdHeader } from '../header-names.ts';
import type { TraceContext } from '../trace-context.ts';
import { agentRequestHeaders } from '../request-headers.ts';
import { type AgentWebSocket, openAgentWebSocket } from './agent-handshake.ts';
import { RelayedWebSocket, type WebSocketEnd } from './relayed-websocket.ts';
import { type WebSocketLimits, webSocketLimits } from './websocket-limits.ts';

export interface WebSocketCall {
  /** Held until the connection is over. */
  readonly lease: SessionLease;
  /** Of the caller's request. */
  readonly headers: IncomingHttpHeaders;
  /** To what the agent gets: its workload token. */
  readonly addedHeaders: Readonly<Record<string, string>>;
  readonly handshake: { readonly key: string; readonly extensions: string | undefined };
  /** What the 101 must name in Sec-WebSocket-Protocol. */
  readonly subprotocol: string | undefined;
  readonly requestId: string;
  readonly traceId: string;
  /** In place of the caller's own trace headers. */
  readonly trace?: TraceContext | undefined;
  /** The Authorization header holds a token, not a signature, and may go to a version that asks for it. */
  readonly hasTokenCaller: boolean;
  /** The caller goes away before it was answered. */
  readonly signal: AbortSignal;
  /** Aborts when the server is about to close. */
  readonly draining: AbortSignal;
  /** Answers the caller 101 with these headers, names and values in turn. */
  grant(headers: readonly string[]): Duplex;
}

export interface WebSocketRelayParts {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly limits?: WebSocketLimits;
}

/** Relays WebSockets into sandboxes. */
export class WebSocketRelay implements Disposable {
  readonly #parts: WebSocketRelayParts;
  readonly #open = new Set<RelayedWebSocket>();

  constructor(parts: WebSocketRelayParts) {
    this.#parts = parts;
  }

  /** Rejects with what to refuse the caller for, before it is granted anything; resolves when the connection is over. */
  async run(call: WebSocketCall): Promise<WebSocketEnd> {
    const { clock, random, limits = webSocketLimits } = this.#parts;
    const { lease, draining } = call;
    const agent = await this.#openAgent(call);
    const caller = grantOrLeave(call, agent);
    const relayed = new RelayedWebSocket({
      caller,
      agent: agent.socket,
      lease,
      draining,
      limits,
      clock,
      random,
    });
    this.#open.add(relayed);
    try {
      return await relayed.run();
    } finally {
      this.#open.delete(relayed);
    }
  }

  /** Cuts what is still running. */
  [Symbol.dispose](): void {
    for (const relayed of this.#open) relayed.destroy();
  }

  async #openAgent(call: WebSocketCall): Promise<AgentWebSocket> {
    const { lease, headers, handshake, requestId, traceId, trace, hasTokenCaller, signal } = call;
    const agentHeaders = agentRequestHeaders({
      headers,
      contentType: undefined,
      sizeBytes: 0,
      sessionId: lease.session.id,
      requestId,
      traceId,
      trace,
      headerAllowlist: lease.version.headerAllowlist,
      protocol: lease.version.protocol,
      hasTokenCaller,
    });
    const { clock } = this.#parts;
    Object.assign(agentHeaders, call.addedHeaders);
    const agent = await openAgentWebSocket({ ...handshake, lease, headers: agentHeaders, clock, signal });
    if (!signal.aborted) return agent;
    agent.socket.destroy();
    throw signal.reason;
  }
}

function grantOrLeave(call: WebSocketCall, agent: AgentWebSocket): Duplex {
  try {
    return call.grant(headersForCaller(call, agent));
  } catch (error) {
    agent.socket.destroy();
    throw error;
  }
}

/** Nothing of the agent's own: what it says, it says in the WebSocket. */
function headersForCaller(
  { lease, subprotocol, requestId, traceId }: WebSocketCall,
  { accept, extensions }: AgentWebSocket,
): readonly string[] {
  return [
    ...['upgrade', 'websocket', 'connection', 'Upgrade', 'sec-websocket-accept', accept],
    ...(extensions === undefined ? [] : ['sec-websocket-extensions', extensions]),
    ...(subprotocol === undefined ? [] : ['sec-websocket-protocol', subprotocol]),
    ...[sessionIdHeader, lease.session.id, requestIdHeader, requestId, 'x-amzn-requestid', requestId],
    ...[traceIdHeader, traceId],
  ];
}
