import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { LiveSession } from './live-session.ts';
import { waitAtMost } from './wait-at-most.ts';

/**
 * Resolves when none of these sessions is being frozen, thawed, hibernated or ended any more; from then on they freeze no more. Rejects
 * with `unavailable` when the engine takes longer than `ms` for it.
 */
export function untilStill(
  sessions: readonly LiveSession[],
  { clock, ms }: { readonly clock: Clock; readonly ms: number },
): Promise<void> {
  const still = sessions.map(async (live) => {
    await live.freezer?.[Symbol.asyncDispose]();
    await live.resting;
    await live.ending;
    await live.removal;
  });
  return waitAtMost(
    Promise.all(still).then(() => {}),
    {
      clock,
      ms,
      signal: new AbortController().signal,
      tooLate: () =>
        new BerthError('unavailable', 'Some sandboxes that have ended are not removed by the engine yet.'),
    },
  );
}
