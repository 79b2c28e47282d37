import type { IncomingHttpHeaders } from 'node:http';
import type { SessionId } from '../../shared/ids.ts';

/** How a request finds its session, and what agent and caller are told of it in the protocol's own headers. */
export interface SessionRoute {
  readonly sessionId: SessionId;
  /** By the caller: what it sends again goes to the same session. */
  readonly isNamed: boolean;
  /** No sandbox is started for it. */
  readonly mustBeLive: boolean;
  readonly agentHeaders?: Readonly<Record<string, string>>;
  /** Sees the head of the agent's answer before the caller gets it. */
  onHead?(agent: IncomingHttpHeaders): Promise<void> | undefined;
  /** Names and values in turn. */
  callerHeaders(): readonly string[];
}

/** The rule of all protocols but MCP: the runtime session header routes, and without it a session begins. */
export function routeByHeader(named: SessionId | undefined, newSessionId: () => SessionId): SessionRoute {
  return {
    sessionId: named ?? newSessionId(),
    isNamed: named !== undefined,
    mustBeLive: false,
    callerHeaders: () => [],
  };
}
