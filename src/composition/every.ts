import type { Clock } from '../shared/clock.ts';

/** Runs `work` after `delayMs` and again so long after each end. The returned function waits for a running one and stops. */
export function every(clock: Clock, delayMs: number, work: () => Promise<void>): () => Promise<void> {
  let running = Promise.resolve();
  let cancel = () => {};
  const next = () => {
    cancel = clock.after(delayMs, () => {
      running = work().finally(next);
    });
  };
  next();
  return async () => {
    await running;
    cancel();
  };
}
