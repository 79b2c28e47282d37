import { runtimeArn } from '../../runtimes/arns.ts';
import { BerthError } from '../../shared/errors.ts';
import type { SessionId } from '../../shared/ids.ts';
import { newRequestId } from '../request-id.ts';
import { openVerifiedBody } from '../verified-body.ts';
import { authorizeUser, findCallUser } from './call-user.ts';
import { callContextOf } from './call-context.ts';
import { claimSession } from './claim-session.ts';
import type { DataCall } from './data-call.ts';
import type { Exchange } from './exchange.ts';
import type { InvokeAgentRuntimeParts } from './invoke-agent-runtime.ts';
import { readInvokeHeaders } from './invoke-headers.ts';
import { relayCall } from './relay-call.ts';
import { routeByHeader } from './session-route.ts';

/** GetAgentCard: the card that the agent serves of itself, from the session's sandbox. */
export async function getAgentCard(
  parts: InvokeAgentRuntimeParts,
  exchange: Exchange,
  call: DataCall,
): Promise<void> {
  const { request, signal } = exchange;
  await using body = await openVerifiedBody({ ...parts, request, pending: call.pending, signal });
  exchange.body = body;
  const { principal } = body;
  exchange.principal = principal;
  const address = call.address();
  exchange.runtimeId = address.runtimeId;
  const headers = readInvokeHeaders(request);
  const arn = runtimeArn(address.scope, address.runtimeId);
  const access = callContextOf(exchange, address);
  await parts.authorize(principal, 'GetAgentCard', arn, access);
  const forUser = { action: 'InvokeAgentRuntimeForUser', arn, access };
  await authorizeUser(parts.authorize, principal, headers, forUser);
  parts.takeRequest(principal);
  const { protocol } = call.target().version;
  if (protocol !== 'A2A')
    throw new BerthError(
      'validation',
      `Only A2A agents have a card; this runtime's protocol is ${protocol}.`,
    );
  const onBehalf = await findCallUser(parts, principal, headers, forUser);
  const session = routeByHeader(headers.sessionId, () => newRequestId(parts.random) as SessionId);
  exchange.sessionId = session.sessionId;
  await claimSession(parts, exchange, {
    address,
    sessionId: session.sessionId,
    onBehalf,
    action: 'GetAgentCard',
  });
  const path = '/.well-known/agent-card.json';
  await relayCall(parts, exchange, { address, headers, onBehalf, session, body, path });
}
