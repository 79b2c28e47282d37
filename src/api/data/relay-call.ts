import type { AgentTokens, OnBehalf } from '../../identity/tokens/agent-tokens.ts';
import type { Relay } from '../../invocations/relay.ts';
import { callerResponseHeaders } from '../../invocations/response-headers.ts';
import type { Caller } from '../../invocations/running-call.ts';
import type { CallIdentity } from '../../invocations/running-calls.ts';
import { xrayFormOf } from '../../invocations/trace-context.ts';
import type { SessionRegistry } from '../../sessions/session-registry.ts';
import type { Steps } from '../../shared/steps.ts';
import { agentTokenHeaders } from './call-user.ts';
import type { Exchange } from './exchange.ts';
import type { InvokeHeaders } from './invoke-headers.ts';
import type { RelayedBody } from './peek-message.ts';
import type { RuntimeAddress } from './runtime-address.ts';
import type { SessionRoute } from './session-route.ts';

export interface RoutedCall {
  readonly address: RuntimeAddress;
  readonly headers: InvokeHeaders;
  readonly onBehalf: OnBehalf | undefined;
  readonly session: SessionRoute;
  readonly body: RelayedBody;
  /** In the sandbox, when it is not the protocol's own. */
  readonly path?: string;
  readonly identity?: CallIdentity | undefined;
}

/** Gets the session's sandbox, started if need be, and relays into it. Resolves when the call is over. */
export async function relayCall(
  parts: {
    readonly sessions: Pick<SessionRegistry, 'acquire'>;
    readonly relay: Pick<Relay, 'run'>;
    readonly agentTokens: Pick<AgentTokens, 'handOut'>;
    readonly steps?: Steps | undefined;
  },
  exchange: Exchange,
  call: RoutedCall,
): Promise<void> {
  const { request, requestId, signal } = exchange;
  const { address, onBehalf, session, body, path, identity } = call;
  const { sessionId, mustBeLive } = session;
  const lease = await parts.sessions.acquire({ ...address, sessionId, mustBeLive, signal });
  parts.steps?.reached('relay:acquired');
  exchange.version = lease.version.version;
  exchange.hasStartedSandbox = lease.hasStartedSandbox;
  try {
    const tokenHeaders = await agentTokenHeaders(parts.agentTokens, {
      runtime: exchange.target?.runtime,
      session: lease.session,
      onBehalf,
    });
    await parts.relay.run({
      lease,
      method: methodOf(request.method),
      path,
      headers: request.headers,
      body: body.stream,
      sizeBytes: body.sizeBytes,
      isSpooled: body.isSpooled,
      requestId,
      traceId: traceIdOf(call.headers, exchange),
      trace: exchange.trace()?.context,
      identity,
      addedHeaders: { ...session.agentHeaders, ...tokenHeaders },
      hasTokenCaller: exchange.principal?.kind === 'token',
      onHead: (agent) => {
        parts.steps?.reached('relay:head');
        return session.onHead?.(agent);
      },
      caller: callerOf(exchange, call),
    });
    parts.steps?.reached('relay:over');
  } finally {
    lease.release();
  }
}

/** Who waits for the answer. */
export function callerOf(
  exchange: Exchange,
  { headers, session }: Pick<RoutedCall, 'headers' | 'session'>,
): Caller {
  const { request, response, requestId } = exchange;
  const traceId = traceIdOf(headers, exchange);
  return {
    response,
    refuse: (error) => exchange.refuse(error),
    finish: () => void exchange.finish(),
    sent: (bytes) => (exchange.bytesOut += bytes),
    headersFor: (agent) => {
      exchange.noteHead();
      return callerResponseHeaders({
        agent,
        request: request.headers,
        sessionId: session.sessionId,
        requestId,
        traceId,
        protocolHeaders: session.callerHeaders(),
      });
    },
  };
}

function methodOf(method: string | undefined): 'POST' | 'GET' | 'DELETE' {
  return method === 'GET' || method === 'DELETE' ? method : 'POST';
}

/**
 * The X-Amzn-Trace-Id of a proven caller's call: of its span, else the caller's own, else the same as its traceparent, else
 * made from the request id.
 */
export function traceIdOf({ traceId }: InvokeHeaders, exchange: Exchange): string {
  const span = exchange.trace();
  if (span !== undefined) return span.context.traceId;
  if (traceId !== undefined && traceId !== '') return traceId;
  const { request, requestId, startedAtMs } = exchange;
  const { traceparent } = request.headers;
  const known = typeof traceparent === 'string' ? xrayFormOf(traceparent) : undefined;
  if (known !== undefined) return known;
  const seconds = Math.floor(startedAtMs / 1000)
    .toString(16)
    .padStart(8, '0');
  return `Root=1-${seconds}-${requestId.replaceAll('-', '').slice(0, 24)}`;
}
