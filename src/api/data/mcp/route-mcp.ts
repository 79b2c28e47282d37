import type { IncomingHttpHeaders } from 'node:http';
import { mcpSessionIdHeader } from '../../../invocations/header-names.ts';
import type { SessionAliases } from '../../../sessions/session-aliases.ts';
import { invalidField } from '../../../shared/errors.ts';
import type { RuntimeId, SessionId } from '../../../shared/ids.ts';
import type { RpcMessage } from '../rpc-message.ts';
import type { SessionRoute } from '../session-route.ts';
import { refuseUnacceptable } from './accept-rule.ts';

export interface McpRequest {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly message: RpcMessage;
  readonly runtimeId: RuntimeId;
  /** Of the MCP header; it routes where both are there. */
  readonly mcpSessionId: string | undefined;
  readonly runtimeSessionId: SessionId | undefined;
  readonly newSessionId: () => SessionId;
  readonly aliases: Pick<SessionAliases, 'find' | 'claim'>;
}

/**
 * Where an MCP request goes (contract 4.1, the MCP session rule). The id that a client sees is the session's id, or the one that
 * its server chose, or the client's own while the server knows it by another: aliases translate.
 */
export async function routeMcp(request: McpRequest): Promise<SessionRoute> {
  const { method, headers, message, runtimeId, mcpSessionId, runtimeSessionId, aliases } = request;
  refuseUnacceptable(method, headers.accept);
  const named = mcpSessionId ?? runtimeSessionId;
  if (named === undefined && method !== 'POST')
    throw invalidField(
      'mcpSessionId',
      `The header ${mcpSessionIdHeader} says which session is meant, and is missing.`,
    );
  const alias = named === undefined ? undefined : await aliases.find(runtimeId, named);
  const sessionId = alias?.sessionId ?? (named as SessionId | undefined) ?? request.newSessionId();
  if (method === 'POST' && message.method === 'initialize') return handshake(request, sessionId);
  return {
    sessionId,
    isNamed: named !== undefined,
    mustBeLive: method !== 'POST',
    // A stateless server gets the platform's id, and must not mind.
    agentHeaders: { [mcpSessionIdHeader]: alias?.agentSessionId ?? named ?? sessionId },
    callerHeaders: () => [mcpSessionIdHeader, named ?? sessionId],
  };
}

/** No id goes along: a stateful server would look for a session that it never began. */
function handshake({ runtimeId, mcpSessionId, aliases }: McpRequest, sessionId: SessionId): SessionRoute {
  let seen = mcpSessionId ?? sessionId;
  const settle = async (agentSessionId: string) => {
    const target = { sessionId, agentSessionId };
    // An id that means another session already stays that one's: this client goes on with the session's own.
    if (mcpSessionId === undefined && (await aliases.claim(runtimeId, agentSessionId, target)))
      seen = agentSessionId;
    else await aliases.claim(runtimeId, seen, target);
  };
  return {
    sessionId,
    // What the answer calls the session is known to the request that ran only, unless the client named it.
    isNamed: mcpSessionId !== undefined,
    mustBeLive: false,
    onHead: (agent) => {
      const chosen = agent[mcpSessionIdHeader];
      return typeof chosen === 'string' && printable.test(chosen) ? settle(chosen) : undefined;
    },
    callerHeaders: () => [mcpSessionIdHeader, seen],
  };
}

const printable = /^[\x21-\x7e]{1,1024}$/;
