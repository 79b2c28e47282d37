import { callerId } from '../../../auth/principal.ts';
import type { AgentTokens } from '../../../identity/tokens/agent-tokens.ts';
import type { WebSocketEnd } from '../../../invocations/websocket/relayed-websocket.ts';
import type { WebSocketRelay } from '../../../invocations/websocket/websocket-relay.ts';
import type { ServerProtocol } from '../../../runtimes/runtime.ts';
import type { SessionRegistry } from '../../../sessions/session-registry.ts';
import type { Clock } from '../../../shared/clock.ts';
import { BerthError } from '../../../shared/errors.ts';
import type { RandomSource, SessionId } from '../../../shared/ids.ts';
import { newRequestId } from '../../request-id.ts';
import type { Upgrade } from '../../upgrade.ts';
import { agentTokenHeaders } from '../call-user.ts';
import { claimSession, type ClaimSessionParts } from '../claim-session.ts';
import type { Exchange } from '../exchange.ts';
import { traceIdOf } from '../relay-call.ts';
import type { UpgradeWish } from './judge-upgrade.ts';

/** What open WebSockets tell the logs and counters. */
export interface OpenWebSocketEvents {
  webSocketOpened(): void;
  webSocketClosed(
    connection: WebSocketEnd & {
      readonly requestId: string;
      readonly runtimeId: string;
      readonly sessionId: string;
      readonly caller: string;
      readonly status: 101;
      readonly durationMs: number;
    },
  ): void;
}

export interface OpenWebSocketParts extends ClaimSessionParts {
  readonly sessions: Pick<SessionRegistry, 'acquire' | 'endpointOf'>;
  readonly webSockets: Pick<WebSocketRelay, 'run'>;
  readonly agentTokens: Pick<AgentTokens, 'handOut' | 'receive'>;
  readonly events: OpenWebSocketEvents;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/**
 * InvokeAgentRuntimeWithWebSocketStream: the session's sandbox, its agent's WebSocket, and frames both ways. The session is not idle
 * while the connection is open. Rejects with what to refuse the caller for.
 */
export async function openWebSocket(
  parts: OpenWebSocketParts,
  exchange: Exchange,
  upgrade: Upgrade,
  wish: UpgradeWish,
): Promise<void> {
  const { sessions, webSockets, agentTokens, events, clock, random } = parts;
  const { requestId, startedAtMs, signal } = exchange;
  const { address, version, principal, headers, onBehalf, callerHeaders, handshake, subprotocol } = wish;
  refuseWithout(version.protocol);
  const sessionId = headers.sessionId ?? (newRequestId(random) as SessionId);
  exchange.sessionId = sessionId;
  await claimSession(parts, exchange, {
    ...{ address, sessionId, onBehalf },
    action: 'InvokeAgentRuntimeWithWebSocketStream',
  });
  const lease = await sessions.acquire({ ...address, sessionId, signal });
  try {
    refuseWithout(lease.version.protocol);
    const addedHeaders = await agentTokenHeaders(agentTokens, {
      runtime: exchange.target?.runtime,
      session: lease.session,
      onBehalf,
    });
    const end = await webSockets.run({
      lease,
      headers: callerHeaders,
      addedHeaders,
      handshake,
      subprotocol,
      requestId,
      traceId: traceIdOf(headers, exchange),
      trace: exchange.trace()?.context,
      hasTokenCaller: principal.kind === 'token',
      signal,
      draining: upgrade.draining,
      grant(answer) {
        const socket = upgrade.grant(answer);
        events.webSocketOpened();
        return socket;
      },
    });
    events.webSocketClosed({
      requestId,
      runtimeId: address.runtimeId,
      sessionId,
      caller: callerId(principal),
      status: 101,
      durationMs: clock.now() - startedAtMs,
      ...end,
    });
  } finally {
    lease.release();
  }
}

/** Contract 4.1. */
function refuseWithout(protocol: ServerProtocol): void {
  if (protocol === 'HTTP' || protocol === 'AGUI') return;
  throw new BerthError(
    'validation',
    `Only agents of the protocols HTTP and AGUI have a WebSocket; this runtime's protocol is ${protocol}. Use InvokeAgentRuntime.`,
  );
}
