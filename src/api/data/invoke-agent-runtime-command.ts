import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import type { Authorize } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import { callerResponseHeaders } from '../../invocations/response-headers.ts';
import { type CommandListener, runShellCommand } from '../../invocations/shell-command.ts';
import { runtimeArn } from '../../runtimes/arns.ts';
import type { SessionAliases } from '../../sessions/session-aliases.ts';
import type { SessionRegistry } from '../../sessions/session-registry.ts';
import type { Clock } from '../../shared/clock.ts';
import { invalidField } from '../../shared/errors.ts';
import { encodeEvent, encodeException, eventStreamType } from '../../shared/event-stream.ts';
import type { RandomSource, SessionId } from '../../shared/ids.ts';
import { describeError, type Failures, wireNames } from '../errors.ts';
import type { InvokeAgentRuntimeCommandRequestBody } from '../model/generated/data-shapes.ts';
import type { ServiceOperation } from '../model/service-operation.ts';
import { newRequestId } from '../request-id.ts';
import type { Patterns } from '../rest-json/constraints.ts';
import { parseInput } from '../rest-json/parse-input.ts';
import type { Spool } from '../spool-budget.ts';
import { openVerifiedBody } from '../verified-body.ts';
import { callContextOf } from './call-context.ts';
import type { AgentTokens, OnBehalf } from '../../identity/tokens/agent-tokens.ts';
import { authorizeUser, findCallUser } from './call-user.ts';
import { claimSession, type ClaimSessionParts } from './claim-session.ts';
import type { DataCall } from './data-call.ts';
import type { Exchange } from './exchange.ts';
import { type InvokeHeaders, readInvokeHeaders } from './invoke-headers.ts';
import { traceIdOf } from './relay-call.ts';

export interface InvokeAgentRuntimeCommandParts extends ClaimSessionParts {
  readonly agentTokens: Pick<AgentTokens, 'receive'>;
  /** Of the service model. */
  readonly model: ServiceOperation;
  readonly patterns: Patterns;
  readonly authorize: Authorize;
  readonly sessions: Pick<SessionRegistry, 'acquire' | 'endpointOf'>;
  readonly aliases: Pick<SessionAliases, 'find'>;
  readonly takeRequest: (principal: Principal) => void;
  readonly spool: Spool;
  readonly events: Failures;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** A command of 64 KB, all of it escaped. */
const largestBodyBytes = 512 * 1024;
const defaultTimeoutSeconds = 300;
const longestTimeoutSeconds = 3_600;

/** InvokeAgentRuntimeCommand: one line for the shell of the session's sandbox, started if need be; its output as it comes (contract 3.1). */
export async function invokeAgentRuntimeCommand(
  parts: InvokeAgentRuntimeCommandParts,
  exchange: Exchange,
  call: DataCall,
): Promise<void> {
  const { signal } = exchange;
  const { headers, onBehalf, command, timeoutMs } = await readRequest(parts, exchange, call);
  const address = call.address();
  call.target();
  const seenId = headers.sessionId ?? (newRequestId(parts.random) as SessionId);
  const alias = await parts.aliases.find(address.runtimeId, seenId);
  const sessionId = alias?.sessionId ?? seenId;
  exchange.sessionId = sessionId;
  await claimSession(parts, exchange, { address, sessionId, onBehalf, action: 'InvokeAgentRuntimeCommand' });
  const lease = await parts.sessions.acquire({ ...address, sessionId, signal });
  try {
    const listener = answerWith(exchange, seenId, headers);
    const { exitCode, isTimedOut } = await runShellCommand(
      { lease, clock: parts.clock },
      { command, timeoutMs, signal },
      listener,
    );
    const status = isTimedOut ? 'TIMED_OUT' : 'COMPLETED';
    // A caller that does not read must not hold the session.
    exchange.response.end(encodeEvent('chunk', { contentStop: { exitCode, status } }));
  } catch (error) {
    // Until the head is sent the answer is an ordinary error.
    if (!exchange.response.headersSent || signal.aborted) throw error;
    exchange.response.end(exceptionFor(error, exchange.requestId, parts.events));
  } finally {
    lease.release();
  }
}

interface CommandRequest {
  readonly headers: InvokeHeaders;
  readonly onBehalf: OnBehalf | undefined;
  readonly command: string;
  readonly timeoutMs: number;
}

/** Who calls, whether that is allowed, and what is asked for. */
async function readRequest(
  parts: InvokeAgentRuntimeCommandParts,
  exchange: Exchange,
  { route, pending, address }: DataCall,
): Promise<CommandRequest> {
  const { request, signal } = exchange;
  await using verified = await openVerifiedBody({ ...parts, request, pending, signal });
  exchange.body = verified;
  if (verified.sizeBytes > largestBodyBytes)
    throw invalidField('body', `The body may have ${largestBodyBytes} bytes, and the command in it 64 KB.`);
  const body = await buffer(verified.stream);
  exchange.principal = verified.principal;
  const wanted = address();
  const { scope, runtimeId } = wanted;
  exchange.runtimeId = runtimeId;
  const arn = runtimeArn(scope, runtimeId);
  const access = callContextOf(exchange, wanted);
  await parts.authorize(verified.principal, 'InvokeAgentRuntimeCommand', arn, access);
  parts.takeRequest(verified.principal);
  const headers = readInvokeHeaders(request);
  const { principal } = verified;
  const forUser = { action: 'InvokeAgentRuntimeForUser', arn, access };
  await authorizeUser(parts.authorize, principal, headers, forUser);
  const onBehalf = await findCallUser(parts, principal, headers, forUser);
  const labels = { agentRuntimeArn: arn };
  const wire = { labels, rawQuery: route.rawQuery, headers: request.headers, body };
  const { command, timeout = defaultTimeoutSeconds } = parseInput(parts.model, wire, parts.patterns)[
    'body'
  ] as InvokeAgentRuntimeCommandRequestBody;
  if (timeout < 1 || timeout > longestTimeoutSeconds)
    throw invalidField('body.timeout', `timeout is in seconds, from 1 to ${longestTimeoutSeconds}.`);
  if (command.includes('\0')) throw invalidField('body.command', 'A command cannot hold a NUL character.');
  return { headers, onBehalf, command, timeoutMs: timeout * 1_000 };
}

function answerWith(exchange: Exchange, sessionId: string, headers: InvokeHeaders): CommandListener {
  const { request, response, requestId } = exchange;
  return {
    started() {
      const head = callerResponseHeaders({
        agent: { 'content-type': eventStreamType },
        request: request.headers,
        sessionId,
        requestId,
        traceId: traceIdOf(headers, exchange),
        protocolHeaders: [],
      });
      response.writeHead(200, head);
      return send(exchange, encodeEvent('chunk', { contentStart: {} }));
    },
    output: (stream, text) => send(exchange, encodeEvent('chunk', { contentDelta: { [stream]: text } })),
  };
}

/** Resolves when the caller can take more; rejects when it has gone. */
async function send({ response, signal }: Exchange, frame: Uint8Array): Promise<void> {
  signal.throwIfAborted();
  if (!response.write(frame)) await once(response, 'drain', { signal });
}

/** In the names that the stream's model has; any other failure is one of the server. */
const modelled = new Set([
  'AccessDeniedException',
  'ResourceNotFoundException',
  'RuntimeClientError',
  'ServiceQuotaExceededException',
  'ThrottlingException',
  'ValidationException',
]);

function exceptionFor(error: unknown, requestId: string, failures: Failures): Uint8Array {
  const { code, content } = describeError(error, { requestId, failures });
  const { name } = wireNames[code];
  const type = modelled.has(name) ? name : 'InternalServerException';
  return encodeException(type.charAt(0).toLowerCase() + type.slice(1), { message: content.message });
}
