import type { Clock } from '../shared/clock.ts';

export interface Patience {
  readonly clock: Clock;
  /** Undefined: as long as it takes. */
  readonly ms: number | undefined;
  readonly signal: AbortSignal;
  readonly tooLate: () => Error;
}

/** Waits for `change`; whoever stops waiting does not stop the change. */
export function waitAtMost(change: Promise<void>, { clock, ms, signal, tooLate }: Patience): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      cancel();
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      settle();
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    };
    const onLate = () => {
      settle();
      reject(tooLate());
    };
    const cancel = ms === undefined ? () => {} : clock.after(Math.max(0, ms), onLate);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    change.then(resolve, reject).finally(settle);
  });
}
