import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import type { LeasesApi } from '../api/leases-api.ts';

/** One lease for all unpacking that goes on at a time, so that what two images share is kept for both. */
export interface UnpackingLease {
  hold<T>(work: (lease: string) => Promise<T>): Promise<T>;
  /** undefined when nothing is being unpacked. */
  readonly current: string | undefined;
}

export const unpackingPrefix = 'unpack-';

export function unpackingLease(leases: LeasesApi, clock: Clock): UnpackingLease {
  let open: { readonly id: string; readonly created: Promise<void>; users: number } | undefined;
  return {
    get current() {
      return open?.id;
    },
    async hold(work) {
      if (open === undefined) {
        const id = `${unpackingPrefix}${randomUUID()}`;
        open = { id, created: leases.create(id, clock.now() + longestMs), users: 0 };
      }
      const mine = open;
      mine.users += 1;
      try {
        await mine.created;
        return await work(mine.id);
      } finally {
        mine.users -= 1;
        if (mine.users === 0) {
          open = undefined;
          await leases.remove(mine.id).catch(() => undefined);
        }
      }
    },
  };
}

/** A lease that a crash left ends by itself, should no sweep find it. */
const longestMs = 24 * 3_600_000;
