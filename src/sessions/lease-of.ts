import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import { type Clock, sleep } from '../shared/clock.ts';
import type { BerthError } from '../shared/errors.ts';
import type { ActivityJournal } from './activity-journal.ts';
import type { LiveSession } from './live-session.ts';
import type { SessionCustody } from './session-custody.ts';
import type { SessionLease } from './session-lease.ts';

export interface LeaseParts {
  readonly hasStartedSandbox: boolean;
  readonly custody: Pick<SessionCustody, 'noteLease'>;
  readonly journal: Pick<ActivityJournal, 'note'>;
  readonly driver: Pick<SandboxDriver, 'exec'>;
  readonly clock: Clock;
}

const whyGoneWaitMs = 500;

/** The right to use a ready session's sandbox. */
export function leaseOf(
  live: LiveSession,
  { hasStartedSandbox, custody, journal, driver, clock }: LeaseParts,
): SessionLease {
  const { session, sandbox } = live;
  if (session === undefined || sandbox === undefined) throw new Error('A ready session has no sandbox.');
  live.enter();
  journal.note(live);
  custody.noteLease(sandbox.id, 1);
  let isHeld = true;
  return {
    session,
    version: live.version,
    sandboxId: sandbox.id,
    address: sandbox.address,
    hasStartedSandbox,
    exec: async (spec, signal) => {
      const program = await driver.exec(sandbox.id, spec, signal);
      live.programs += 1;
      void program.exit.then(() => (live.programs -= 1));
      return program;
    },
    onGone: (listener) => live.onGone(listener),
    whyGone: async () => live.endError ?? whyGone(live, sleep(clock, whyGoneWaitMs)),
    activity: () => {
      live.idle.active(clock.now());
      journal.note(live);
    },
    release: () => {
      if (!isHeld) return;
      isHeld = false;
      live.leave(clock.now());
      custody.noteLease(sandbox.id, -1);
      if (live.state === 'ready') journal.note(live);
    },
  };
}

function whyGone(live: LiveSession, limit: Promise<void>): Promise<BerthError | undefined> {
  return new Promise((resolve) => {
    const forget = live.onGone(resolve);
    void limit.then(() => {
      forget();
      resolve(undefined);
    });
  });
}
