import type { IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Authorize } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import type { AgentTokens } from '../../identity/tokens/agent-tokens.ts';
import { sessionIdHeader } from '../../invocations/header-names.ts';
import { runtimeArn } from '../../runtimes/arns.ts';
import type { SessionAliases } from '../../sessions/session-aliases.ts';
import type { SessionRegistry } from '../../sessions/session-registry.ts';
import type { Clock } from '../../shared/clock.ts';
import { invalidField } from '../../shared/errors.ts';
import type { SessionId } from '../../shared/ids.ts';
import type { ServiceOperation } from '../model/service-operation.ts';
import type { Patterns } from '../rest-json/constraints.ts';
import { parseInput } from '../rest-json/parse-input.ts';
import type { Spool } from '../spool-budget.ts';
import { openVerifiedBody } from '../verified-body.ts';
import { callContextOf } from './call-context.ts';
import { authorizeUser, findCallUser } from './call-user.ts';
import { type ClaimSessionParts, requireOwnSession } from './claim-session.ts';
import type { DataCall } from './data-call.ts';
import type { Exchange } from './exchange.ts';
import { type InvokeHeaders, readInvokeHeaders } from './invoke-headers.ts';

export interface StopRuntimeSessionParts extends ClaimSessionParts {
  /** StopRuntimeSession, of the service model. */
  readonly model: ServiceOperation;
  readonly patterns: Patterns;
  readonly authorize: Authorize;
  readonly sessions: Pick<SessionRegistry, 'endpointOf' | 'stop'>;
  readonly agentTokens: Pick<AgentTokens, 'receive'>;
  readonly aliases: Pick<SessionAliases, 'find'>;
  readonly takeRequest: (principal: Principal) => void;
  readonly spool: Spool;
  readonly clock: Clock;
}

const largestBodyBytes = 64 * 1024;

/** StopRuntimeSession: answers when the sandbox is gone; repeating it changes nothing, so its token needs no memory. */
export async function stopRuntimeSession(
  parts: StopRuntimeSessionParts,
  exchange: Exchange,
  { route, pending, address, target }: DataCall,
): Promise<void> {
  const { request, response, requestId, signal } = exchange;
  await using verified = await openVerifiedBody({
    request,
    pending,
    spool: parts.spool,
    clock: parts.clock,
    signal,
  });
  exchange.body = verified;
  if (verified.sizeBytes > largestBodyBytes)
    throw invalidField('body', 'The body may hold a clientToken and nothing else.');
  const { principal } = verified;
  const body = await buffer(verified.stream);
  exchange.principal = principal;
  const wanted = address();
  const { scope, runtimeId } = wanted;
  exchange.runtimeId = runtimeId;
  const arn = runtimeArn(scope, runtimeId);
  const access = callContextOf(exchange, wanted);
  await parts.authorize(principal, 'StopRuntimeSession', arn, access);
  parts.takeRequest(principal);
  // MCP clients know their session by the id that its server chose, of whatever length.
  const seen = request.headers[sessionIdHeader];
  const alias = typeof seen === 'string' ? await parts.aliases.find(runtimeId, seen) : undefined;
  const headers = alias ? { ...request.headers, [sessionIdHeader]: alias.sessionId } : request.headers;
  const labels = { agentRuntimeArn: arn };
  parseInput(parts.model, { labels, rawQuery: route.rawQuery, headers, body }, parts.patterns);
  const read = readStopHeaders(headers);
  const { sessionId } = read;
  exchange.sessionId = sessionId;
  const forUser = { action: 'InvokeAgentRuntimeForUser', arn, access };
  await authorizeUser(parts.authorize, principal, read, forUser);
  const onBehalf = await findCallUser(parts, principal, read, forUser);
  await requireOwnSession(parts, exchange, {
    address: wanted,
    ...{ sessionId, onBehalf },
    action: 'StopRuntimeSession',
  });
  // Without a qualifier the session alone counts: it may have begun on any endpoint, also on one that serves no more.
  if (new URLSearchParams(route.rawQuery).has('qualifier')) target();
  await parts.sessions.stop({ scope, runtimeId, sessionId, signal });
  exchange.noteHead();
  exchange.bytesOut = 2;
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': 2,
    'x-amzn-requestid': requestId,
    [sessionIdHeader]: String(seen),
  });
  response.end('{}');
}

function readStopHeaders(headers: IncomingHttpHeaders): InvokeHeaders & { readonly sessionId: SessionId } {
  const read = readInvokeHeaders({ headers });
  const { sessionId } = read;
  if (sessionId !== undefined) return { ...read, sessionId };
  throw invalidField(
    'runtimeSessionId',
    `The header ${sessionIdHeader} says which session to stop, and is missing.`,
  );
}
