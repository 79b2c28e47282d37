import { z } from 'zod';
import type { Sees } from '../../auth/sees.ts';
import type { SessionFilter, SessionPosition } from '../../sessions/session-store.ts';
import { type Session, sessionStates } from '../../sessions/session.ts';
import { BerthError } from '../../shared/errors.ts';
import type { RuntimeId, Scope, SessionId } from '../../shared/ids.ts';
import { paginate } from '../pagination.ts';
import {
  type AdminRoute,
  emptyAnswer,
  json,
  readQuery,
  runtimeIdInPath,
  runtimeIdInQuery,
} from './admin-request.ts';

/** Sessions as an operator sees them. */
export interface SessionsView {
  /** Newest start first; equal ones by runtime and session id, rising. */
  list(scope: Scope, filter: SessionFilter): Promise<readonly Session[]>;
  find(runtimeId: RuntimeId, id: SessionId): Promise<Session | undefined>;
  /** Its sandbox is frozen until the next call. */
  isFrozen(session: Session): boolean;
  /** Ends the sandbox; resolves when it is gone. */
  stop(session: Session): Promise<void>;
  /** Which of them a caller may see. */
  readonly sees: Sees;
}

const querySchema = z.strictObject({
  runtimeId: z.string().optional(),
  state: z.enum(sessionStates).optional(),
  all: z.enum(['true', 'false']).optional(),
  maxResults: z.coerce.number().int().min(1).max(100).optional(),
  nextToken: z.string().optional(),
});

export function sessionRoutes(sessions: SessionsView): readonly AdminRoute[] {
  const find = async (scope: Scope, params: Readonly<Record<string, string>>) => {
    const { runtimeId = '', id = '' } = params;
    const session = await sessions.find(runtimeId as RuntimeId, id as SessionId);
    if (session?.accountId === scope.accountId && session.region === scope.region) return session;
    throw new BerthError('not-found', `The runtime ${runtimeId} has no session ${id}.`);
  };
  const show = (session: Session) => {
    const { accountId: _, region: __, ...shown } = session;
    return { ...shown, ...(sessions.isFrozen(session) && { isFrozen: true }) };
  };
  return [
    {
      method: 'GET',
      path: '/sessions',
      action: 'berth:ListSessions',
      runtimeIdOf: runtimeIdInQuery,
      async answer({ principal, query }) {
        const asked = readQuery(querySchema, query);
        const runtimeId = asked.runtimeId as RuntimeId | undefined;
        const liveOnly = asked.all !== 'true' && asked.state === undefined;
        const { items, nextToken } = await paginate<Session, SessionPosition>({
          list: ['berth:ListSessions', runtimeId ?? '', asked.state ?? '', String(liveOnly)],
          nextToken: asked.nextToken,
          maxResults: asked.maxResults,
          keyOf: (session) => [session.startedAtMs, session.runtimeId, session.id],
          fetch: (after, limit) =>
            sessions.list(principal, { runtimeId, state: asked.state, liveOnly, after, limit }),
        });
        // Left out after the page is cut: it may be short although more follow.
        const seen = await sessions.sees(principal, items, ({ runtimeId: id }) => id);
        return json({ sessions: seen.map(show), ...(nextToken !== undefined && { nextToken }) });
      },
    },
    {
      method: 'GET',
      path: '/sessions/:runtimeId/:id',
      action: 'berth:GetSession',
      runtimeIdOf: runtimeIdInPath,
      answer: async ({ principal, params }) => json(show(await find(principal, params))),
    },
    {
      method: 'POST',
      path: '/sessions/:runtimeId/:id/stop',
      action: 'berth:StopSession',
      runtimeIdOf: runtimeIdInPath,
      async answer({ principal, params }) {
        await sessions.stop(await find(principal, params));
        return emptyAnswer;
      },
    },
  ];
}
