import type { Relay } from '../../invocations/relay.ts';
import { callerResponseHeaders } from '../../invocations/response-headers.ts';
import type { Caller } from '../../invocations/running-call.ts';
import type { CallIdentity } from '../../invocations/running-calls.ts';
import type { SessionRegistry } from '../../sessions/session-registry.ts';
import type { Exchange } from './exchange.ts';
import type { InvokeHeaders } from './invoke-headers.ts';
import type { RelayedBody } from './peek-message.ts';
import type { RuntimeAddress } from './runtime-address.ts';
import type { SessionRoute } from './session-route.ts';

export interface RoutedCall {
  readonly address: RuntimeAddress;
  readonly headers: InvokeHeaders;
  readonly session: SessionRoute;
  readonly body: RelayedBody;
  /** In the sandbox, when it is not the protocol's own. */
  readonly path?: string;
  readonly identity?: CallIdentity | undefined;
}

/** Gets the session's sandbox, started if need be, and relays into it. Resolves when the call is over. */
export async function relayCall(
  parts: { readonly sessions: Pick<SessionRegistry, 'acquire'>; readonly relay: Pick<Relay, 'run'> },
  exchange: Exchange,
  call: RoutedCall,
): Promise<void> {
  const { request, requestId, signal } = exchange;
  const { address, session, body, path, identity } = call;
  const { sessionId, mustBeLive } = session;
  const lease = await parts.sessions.acquire({ ...address, sessionId, mustBeLive, signal });
  try {
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
      identity,
      protocolHeaders: session.agentHeaders,
      hasTokenCaller: exchange.principal?.kind === 'token',
      onHead: (agent) => session.onHead?.(agent),
      caller: callerOf(exchange, call),
    });
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
    headersFor: (agent) =>
      callerResponseHeaders({
        agent,
        request: request.headers,
        sessionId: session.sessionId,
        requestId,
        traceId,
        protocolHeaders: session.callerHeaders(),
      }),
  };
}

function methodOf(method: string | undefined): 'POST' | 'GET' | 'DELETE' {
  return method === 'GET' || method === 'DELETE' ? method : 'POST';
}

/** Made from the request id, in AWS X-Ray's form, when the caller has none. */
export function traceIdOf({ traceId }: InvokeHeaders, { requestId, startedAtMs }: Exchange): string {
  if (traceId !== undefined && traceId !== '') return traceId;
  const seconds = Math.floor(startedAtMs / 1000)
    .toString(16)
    .padStart(8, '0');
  return `Root=1-${seconds}-${requestId.replaceAll('-', '').slice(0, 24)}`;
}
