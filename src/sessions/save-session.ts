import type { Clock } from '../shared/clock.ts';
import { keepTrying } from '../shared/keep-trying.ts';
import type { LiveSession } from './live-session.ts';
import type { SessionEvents } from './session-events.ts';
import type { SessionStore } from './session-store.ts';
import type { Session } from './session.ts';

export interface SaveSessionParts {
  readonly store: Pick<SessionStore, 'update'>;
  readonly events: Pick<SessionEvents, 'sessionWorkDelayed'>;
  readonly clock: Clock;
  /** This server writes nothing any more. */
  readonly isOver: () => boolean;
}

/** Never rejects: a state that cannot be written is found out after a restart, when what runs is compared with what is written. */
export async function saveSession(
  live: LiveSession,
  change: Partial<Session>,
  { store, events, clock, isOver }: SaveSessionParts,
): Promise<void> {
  if (live.session === undefined) return;
  const session: Session = { ...live.session, ...change, lastActivityAtMs: live.idle.activeAtMs };
  live.session = session;
  const onFailure = (error: unknown) => events.sessionWorkDelayed({ what: 'write state', session, error });
  try {
    await store.update(session);
  } catch (error) {
    onFailure(error);
    // Its id cannot begin anew while it is written as on disk.
    if (session.state === 'ended') void keepTrying(() => store.update(session), { clock, isOver, onFailure });
  }
}
