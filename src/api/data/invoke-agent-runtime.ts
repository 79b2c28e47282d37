import type { Authorize } from '../../auth/authorize.ts';
import { callerId, type Principal } from '../../auth/principal.ts';
import type { AgentTokens, OnBehalf } from '../../identity/tokens/agent-tokens.ts';
import { userKey } from '../../identity/tokens/workload-token.ts';
import type { Relay } from '../../invocations/relay.ts';
import type { CallIdentity } from '../../invocations/running-calls.ts';
import { runtimeArn } from '../../runtimes/arns.ts';
import type { SessionAliases } from '../../sessions/session-aliases.ts';
import type { SessionRegistry } from '../../sessions/session-registry.ts';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { RandomSource, SessionId } from '../../shared/ids.ts';
import { newRequestId } from '../request-id.ts';
import type { Spool } from '../spool-budget.ts';
import { openVerifiedBody, type VerifiedBody } from '../verified-body.ts';
import { authorizeUser, findCallUser } from './call-user.ts';
import { callContextOf } from './call-context.ts';
import { claimSession, type ClaimSessionParts } from './claim-session.ts';
import type { DataCall } from './data-call.ts';
import type { Exchange } from './exchange.ts';
import { type InvokeHeaders, readInvokeHeaders } from './invoke-headers.ts';
import { routeMcp } from './mcp/route-mcp.ts';
import { peekMessage } from './peek-message.ts';
import { callerOf, relayCall } from './relay-call.ts';
import type { RpcMessage } from './rpc-message.ts';
import type { RuntimeAddress } from './runtime-address.ts';
import { routeByHeader, type SessionRoute } from './session-route.ts';

export interface InvokeAgentRuntimeParts extends ClaimSessionParts {
  readonly authorize: Authorize;
  readonly sessions: Pick<SessionRegistry, 'acquire' | 'endpointOf'>;
  readonly aliases: Pick<SessionAliases, 'find' | 'claim'>;
  readonly relay: Pick<Relay, 'run' | 'reserve'>;
  readonly agentTokens: Pick<AgentTokens, 'handOut' | 'receive'>;
  /** Counts the request against the account's rate; throws `throttled`. */
  readonly takeRequest: (principal: Principal) => void;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** What the head of a request asks for; it is allowed. */
interface Wish {
  readonly address: RuntimeAddress;
  readonly headers: InvokeHeaders;
  readonly onBehalf: OnBehalf | undefined;
}

/** InvokeAgentRuntime: who calls, what for, the session's sandbox, and the bytes both ways. Rejects with what to refuse it for. */
export async function invokeAgentRuntime(
  parts: InvokeAgentRuntimeParts,
  exchange: Exchange,
  call: DataCall,
): Promise<void> {
  const { pending } = call;
  // A proven caller is told before its upload is taken in what it may not do.
  const isProven = pending.claimedBodySha256 !== undefined || !pending.isBodySigned;
  const early = isProven ? await judge(parts, exchange, call, pending.principal) : undefined;
  await using verified = await openBody(parts, exchange, call);
  const { body, message } = await lookInto(exchange, verified);
  const wish = early ?? (await judge(parts, exchange, call, verified.principal));
  const session = await routeOf(parts, exchange, wish, message);
  exchange.sessionId = session.sessionId;
  const { sessionId } = session;
  await claimSession(parts, exchange, { ...wish, sessionId, action: 'InvokeAgentRuntime' });

  const identity = identityOf(wish, session, verified);
  const reservation = identity && parts.relay.reserve(identity);
  if (reservation === undefined) {
    await relayCall(parts, exchange, { ...wish, session, body, identity });
    return;
  }
  try {
    for await (const _chunk of body.stream);
    await reservation.attach(callerOf(exchange, { ...wish, session }));
  } finally {
    reservation.cancel();
  }
}

/** Reads and checks the head, whether the caller may do this, and for whom it is. */
async function judge(
  parts: InvokeAgentRuntimeParts,
  exchange: Exchange,
  call: DataCall,
  principal: Principal,
): Promise<Wish> {
  const { authorize, takeRequest } = parts;
  exchange.principal = principal;
  const address = call.address();
  const { scope, runtimeId } = address;
  exchange.runtimeId = runtimeId;
  const headers = readInvokeHeaders(exchange.request);
  const arn = runtimeArn(scope, runtimeId);
  const access = callContextOf(exchange, address);
  await authorize(principal, 'InvokeAgentRuntime', arn, access);
  const forUser = { action: 'InvokeAgentRuntimeForUser', arn, access };
  await authorizeUser(authorize, principal, headers, forUser);
  takeRequest(principal);
  const { protocol } = call.target().version;
  if (exchange.request.method !== 'POST' && protocol !== 'MCP')
    throw new BerthError('unknown-operation', `Agents of protocol ${protocol} are invoked with POST.`);
  return { address, headers, onBehalf: await findCallUser(parts, principal, headers, forUser) };
}

async function openBody(
  { spool, clock }: InvokeAgentRuntimeParts,
  exchange: Exchange,
  { pending }: DataCall,
): Promise<VerifiedBody> {
  const { request, signal } = exchange;
  const body = await openVerifiedBody({ request, pending, spool, clock, signal });
  exchange.body = body;
  return body;
}

async function lookInto(exchange: Exchange, verified: VerifiedBody) {
  const { protocol } = exchange;
  if (protocol !== 'MCP' && protocol !== 'A2A') return { body: verified, message: undefined };
  const looked = await peekMessage(verified);
  exchange.message = looked.message;
  return looked;
}

function routeOf(
  { aliases, random }: InvokeAgentRuntimeParts,
  { request, protocol }: Exchange,
  { address, headers }: Wish,
  message: RpcMessage | undefined,
): SessionRoute | Promise<SessionRoute> {
  const newSessionId = () => newRequestId(random) as SessionId;
  if (protocol !== 'MCP' || message === undefined) return routeByHeader(headers.sessionId, newSessionId);
  return routeMcp({
    method: request.method,
    headers: request.headers,
    message,
    runtimeId: address.runtimeId,
    mcpSessionId: headers.mcpSessionId,
    runtimeSessionId: headers.sessionId,
    newSessionId,
    aliases,
  });
}

/** Undefined when a re-send could not be told from another request. */
function identityOf(
  { address: { runtimeId, qualifier }, headers: { sdkInvocationId }, onBehalf }: Wish,
  { sessionId, isNamed }: SessionRoute,
  { principal, sha256: bodySha256 }: VerifiedBody,
): CallIdentity | undefined {
  if (!isNamed || sdkInvocationId === undefined || bodySha256 === undefined) return undefined;
  const userId = onBehalf === undefined ? '' : userKey(onBehalf.user);
  return {
    callerId: callerId(principal),
    ...{ userId, runtimeId, qualifier, sessionId, sdkInvocationId, bodySha256 },
  };
}
