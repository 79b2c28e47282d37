import type { Clock } from '../../../../shared/clock.ts';

/** What one sandbox may ask of the name server. */
export const lookUpLimits = { perSecond: 50, burst: 100, atOnce: 32 } as const;

/** Counts look-ups by sandbox. */
export interface LookUpBudget {
  /** Undefined when the sandbox asks too much; to be disposed when the look-up is over. */
  enter(source: string): Disposable | undefined;
}

interface Account {
  tokens: number;
  countedAtMs: number;
  running: number;
}

export function createLookUpBudget({ clock }: { readonly clock: Pick<Clock, 'now'> }): LookUpBudget {
  const accounts = new Map<string, Account>();
  const { perSecond, burst, atOnce } = lookUpLimits;

  /** Full accounts are as good as none. */
  function prune(): void {
    if (accounts.size < 1_000) return;
    const fullAfterMs = (burst / perSecond) * 1_000;
    for (const [source, { running, countedAtMs }] of accounts) {
      if (running === 0 && clock.now() - countedAtMs > fullAfterMs) accounts.delete(source);
    }
  }

  return {
    enter(source) {
      const nowMs = clock.now();
      const account = accounts.get(source) ?? { tokens: burst, countedAtMs: nowMs, running: 0 };
      if (!accounts.has(source)) prune();
      accounts.set(source, account);
      const earned = (Math.max(0, nowMs - account.countedAtMs) * perSecond) / 1_000;
      account.tokens = Math.min(burst, account.tokens + earned);
      account.countedAtMs = nowMs;
      if (account.tokens < 1 || account.running >= atOnce) return undefined;
      account.tokens -= 1;
      account.running += 1;
      return { [Symbol.dispose]: () => void (account.running -= 1) };
    },
  };
}
