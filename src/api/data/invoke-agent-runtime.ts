import type { authorize } from '../../auth/authorize.ts';
import type { PendingAuthentication } from '../../auth/authenticator.ts';
import type { Principal } from '../../auth/principal.ts';
import type { Relay } from '../../invocations/relay.ts';
import type { Caller } from '../../invocations/running-call.ts';
import type { CallIdentity } from '../../invocations/running-calls.ts';
import { callerResponseHeaders } from '../../invocations/response-headers.ts';
import { runtimeArn } from '../../runtimes/arns.ts';
import type { SessionRegistry } from '../../sessions/session-registry.ts';
import type { Clock } from '../../shared/clock.ts';
import type { RandomSource, SessionId } from '../../shared/ids.ts';
import { HashingBody } from '../hashing-body.ts';
import { newRequestId } from '../request-id.ts';
import type { Spool } from '../spool-budget.ts';
import { openVerifiedBody, type VerifiedBody } from '../verified-body.ts';
import type { DataRoute } from './data-route.ts';
import type { Exchange } from './exchange.ts';
import { type InvokeHeaders, readInvokeHeaders } from './invoke-headers.ts';
import { readRuntimeAddress, type RuntimeAddress } from './runtime-address.ts';

export interface InvokeAgentRuntimeParts {
  readonly authorize: typeof authorize;
  readonly sessions: Pick<SessionRegistry, 'acquire'>;
  readonly relay: Pick<Relay, 'run' | 'reserve'>;
  /** Counts the request against the account's rate; throws `throttled`. */
  readonly takeRequest: (principal: Principal) => void;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** What the head of a request asks for; it is allowed. */
interface Wish extends RuntimeAddress {
  readonly headers: InvokeHeaders;
  readonly sessionId: SessionId;
  /** All of it but the body. */
  readonly identity: Omit<CallIdentity, 'bodySha256'> | undefined;
}

/** InvokeAgentRuntime: who calls, what for, the session's sandbox, and the bytes both ways. Rejects with what to refuse it for. */
export async function invokeAgentRuntime(
  parts: InvokeAgentRuntimeParts,
  exchange: Exchange,
  route: DataRoute,
  pending: PendingAuthentication,
): Promise<void> {
  const { sessions, relay } = parts;
  // A caller that signed its body's hash is proven: what it may not do is refused before its upload is taken in.
  const early =
    pending.claimedBodySha256 === undefined ? undefined : judge(parts, exchange, route, pending.principal);
  await using body = await openBody(parts, exchange, pending);
  const wish = early ?? judge(parts, exchange, route, body.principal);
  const identity = wish.identity && { ...wish.identity, bodySha256: body.sha256 };
  const reservation = identity && relay.reserve(identity);
  if (reservation !== undefined) {
    try {
      await readToEnd(body);
      await reservation.attach(callerOf(exchange, wish));
      return;
    } finally {
      reservation.cancel();
    }
  }
  const lease = await sessions.acquire({ ...wish, signal: exchange.signal });
  try {
    await relay.run({
      lease,
      headers: exchange.request.headers,
      body: body.stream,
      sizeBytes: body.sizeBytes,
      isSpooled: !(body.stream instanceof HashingBody),
      requestId: exchange.requestId,
      traceId: traceIdOf(wish, exchange),
      identity,
      caller: callerOf(exchange, wish),
    });
  } finally {
    lease.release();
  }
}

/** Reads and checks the head, and whether the caller may do this. */
function judge(
  { authorize, takeRequest, random }: InvokeAgentRuntimeParts,
  exchange: Exchange,
  route: DataRoute,
  principal: Principal,
): Wish {
  exchange.principal = principal;
  const address = readRuntimeAddress(route, principal);
  const { scope, runtimeId, qualifier } = address;
  exchange.runtimeId = runtimeId;
  const headers = readInvokeHeaders(exchange.request);
  const arn = runtimeArn(scope, runtimeId);
  authorize(principal, 'InvokeAgentRuntime', arn);
  if (headers.userId !== undefined) authorize(principal, 'InvokeAgentRuntimeForUser', arn);
  takeRequest(principal);
  const { sdkInvocationId } = headers;
  const { accessKeyId } = principal;
  const identity =
    headers.sessionId === undefined || sdkInvocationId === undefined
      ? undefined
      : { accessKeyId, runtimeId, qualifier, sessionId: headers.sessionId, sdkInvocationId };
  const sessionId = headers.sessionId ?? (newRequestId(random) as SessionId);
  exchange.sessionId = sessionId;
  return { ...address, headers, sessionId, identity };
}

async function openBody(
  { spool, clock }: InvokeAgentRuntimeParts,
  exchange: Exchange,
  pending: PendingAuthentication,
): Promise<VerifiedBody> {
  const { request, signal } = exchange;
  const body = await openVerifiedBody({ request, pending, spool, clock, signal });
  exchange.body = body;
  // Whoever reads it hears of its failure, too; until then nobody may be there to listen.
  body.stream.on('error', () => {});
  return body;
}

/** Until it is proven; its content is the same as that of the call that is already running. */
async function readToEnd({ stream }: VerifiedBody): Promise<void> {
  for await (const _chunk of stream);
}

function callerOf(exchange: Exchange, wish: Wish): Caller {
  const { request, response, requestId } = exchange;
  const traceId = traceIdOf(wish, exchange);
  return {
    response,
    refuse: (error) => exchange.refuse(error),
    finish: () => void exchange.finish(),
    headersFor: (agent) =>
      callerResponseHeaders({
        agent,
        request: request.headers,
        sessionId: wish.sessionId,
        requestId,
        traceId,
      }),
  };
}

/** Made from the request id, in AWS X-Ray's form, when the caller has none. */
function traceIdOf({ headers }: Wish, { requestId, startedAtMs }: Exchange): string {
  if (headers.traceId !== undefined && headers.traceId !== '') return headers.traceId;
  const seconds = Math.floor(startedAtMs / 1000)
    .toString(16)
    .padStart(8, '0');
  return `Root=1-${seconds}-${requestId.replaceAll('-', '').slice(0, 24)}`;
}
