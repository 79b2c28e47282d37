import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { Clock } from '../shared/clock.ts';
import { keepTrying } from '../shared/keep-trying.ts';
import type { LiveSession } from './live-session.ts';
import type { SessionEvents } from './session-events.ts';

export interface RemoveUntilGoneParts {
  readonly driver: Pick<SandboxDriver, 'remove'>;
  readonly events: Pick<SessionEvents, 'sessionWorkDelayed'>;
  readonly clock: Clock;
  /** The next server goes on with it. */
  readonly isClosed: () => boolean;
}

/** Removes a session's sandbox: the id stays taken until it is really gone, however long the engine takes to answer. */
export async function removeUntilGone(
  live: LiveSession,
  graceMs: number,
  { driver, events, clock, isClosed }: RemoveUntilGoneParts,
): Promise<void> {
  await live.freezer?.[Symbol.asyncDispose]();
  await keepTrying(() => driver.remove(live.sandboxId, graceMs), {
    clock,
    isOver: isClosed,
    onFailure: (error) => events.sessionWorkDelayed({ what: 'remove sandbox', session: live.session, error }),
  });
}
