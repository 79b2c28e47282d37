import { createSees } from '../../../auth/sees.ts';
import { noFacts } from '../../../auth/testing/test-authorizer.ts';
import type { AccountId, RuntimeId, SandboxId, Scope, SessionId } from '../../../shared/ids.ts';
import type { Session } from '../../../sessions/session.ts';
import type { SessionFilter, SessionPosition } from '../../../sessions/session-store.ts';
import type { SessionsView } from '../session-routes.ts';

export function fakeSession(given: Partial<Session> = {}): Session {
  return {
    accountId: '111122223333' as AccountId,
    region: 'us-east-1',
    runtimeId: 'hello-AbCdEf1234' as RuntimeId,
    id: 's'.repeat(40) as SessionId,
    incarnation: 1,
    endpoint: 'DEFAULT',
    version: 1,
    state: 'ready',
    sandboxId: 'sb-1' as SandboxId,
    startedAtMs: 1_000,
    readyAtMs: 1_200,
    lastActivityAtMs: 1_500,
    endedAtMs: undefined,
    endReason: undefined,
    ...given,
  };
}

/** Sessions in memory; stopping one ends it at once. */
export class FakeSessions implements SessionsView {
  readonly sessions: Session[];

  constructor(sessions: readonly Session[]) {
    this.sessions = [...sessions];
  }

  async list(_scope: Scope, filter: SessionFilter): Promise<readonly Session[]> {
    const { runtimeId, state, liveOnly, after, limit } = filter;
    return this.sessions
      .filter((session) => runtimeId === undefined || session.runtimeId === runtimeId)
      .filter((session) => state === undefined || session.state === state)
      .filter((session) => liveOnly !== true || session.state !== 'ended')
      .sort((a, b) => inOrder(position(a), position(b)))
      .filter((session) => after === undefined || inOrder(position(session), after) > 0)
      .slice(0, limit);
  }

  async find(runtimeId: RuntimeId, id: SessionId): Promise<Session | undefined> {
    return this.sessions.find((session) => session.runtimeId === runtimeId && session.id === id);
  }

  readonly sees = createSees(noFacts);

  isFrozen({ id }: Session): boolean {
    return id.startsWith('frozen');
  }

  async stop(session: Session): Promise<void> {
    this.sessions[this.sessions.indexOf(session)] = { ...session, state: 'ended', endReason: 'stopped' };
  }
}

function position(session: Session): SessionPosition {
  return [session.startedAtMs, session.runtimeId, session.id];
}

function inOrder(a: SessionPosition, b: SessionPosition): number {
  return b[0] - a[0] || a[1].localeCompare(b[1]) || a[2].localeCompare(b[2]);
}
