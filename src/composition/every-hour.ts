import type { Clock } from '../shared/clock.ts';

/** Does the work an hour after it was done last. The returned function ends that, once what is running is done. */
export function everyHour(clock: Clock, work: () => Promise<void>): () => Promise<void> {
  let running = Promise.resolve();
  let cancel = () => {};
  const next = () => {
    cancel = clock.after(3_600_000, () => {
      running = work().finally(next);
    });
  };
  next();
  return async () => {
    await running;
    cancel();
  };
}
