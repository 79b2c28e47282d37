import { BerthError } from '../shared/errors.ts';
import type { Clock } from '../shared/clock.ts';
import type { RuntimeId } from '../shared/ids.ts';
import type { SessionLifecycle } from './session-lifecycle.ts';
import type { SessionStorages } from './session-storages.ts';
import { waitAtMost } from './wait-at-most.ts';
import type { WarmPool } from './warm-pool/warm-pool.ts';

export interface EndSessionsParts {
  readonly lifecycle: Pick<SessionLifecycle, 'live' | 'sleep' | 'end'>;
  readonly pool: Pick<WarmPool, 'drain'> | undefined;
  readonly storages: Pick<SessionStorages, 'removeAll'>;
  readonly stopGraceMs: number;
  readonly clock: Clock;
}

const limitMs = 60_000;

/**
 * Ends every session of a runtime, or of one of its versions, because that is deleted, and removes their storage. Rejects with
 * `unavailable` when some take too long; they go on ending.
 */
export async function endSessionsOf(
  runtimeId: RuntimeId,
  version: number | undefined,
  { lifecycle, pool, storages, stopGraceMs, clock }: EndSessionsParts,
): Promise<void> {
  const isDoomed = ({ version: its }: { version: { runtimeId: RuntimeId; version: number } }) =>
    its.runtimeId === runtimeId && (version === undefined || its.version === version);
  const drained = pool?.drain(runtimeId, version);
  const doomed = [...lifecycle.live.values()].filter(isDoomed);
  const asleep = [...lifecycle.sleep.asleep.values()].filter(isDoomed);
  const ends = Promise.all([
    drained,
    ...doomed.map((live) => lifecycle.end(live, 'runtime-deleted')),
    ...asleep.map(({ key }) => lifecycle.sleep.end(key, 'runtime-deleted')),
  ]);
  await waitAtMost(
    ends.then(() => undefined),
    {
      clock,
      ms: stopGraceMs + limitMs,
      signal: new AbortController().signal,
      tooLate: () =>
        new BerthError('unavailable', stillEnding(doomed.filter(({ state }) => state !== 'ended').length)),
    },
  );
  await storages.removeAll(runtimeId, version);
}

function stillEnding(count: number): string {
  return `${count} of its sessions have not ended yet: the sandbox engine does not remove their sandboxes. The server goes on trying; its log says why.`;
}
