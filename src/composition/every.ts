import type { Clock } from '../shared/clock.ts';

/** Disposing waits for a running turn and stops. */
export interface Repetition extends AsyncDisposable {
  /** Resolves when no turn is running; the next one comes when it is due. */
  settled(): Promise<void>;
}

/** Runs `work` after `delayMs` and again so long after each end. */
export function every(clock: Clock, delayMs: number, work: () => Promise<void>): Repetition {
  let running = Promise.resolve();
  let cancel = () => {};
  const next = () => {
    cancel = clock.after(delayMs, () => {
      running = work().finally(next);
    });
  };
  next();
  return {
    settled: () => running,
    async [Symbol.asyncDispose]() {
      await running;
      cancel();
    },
  };
}
