import type { Clock } from '../../shared/clock.ts';

export interface SupervisedDaemon {
  readonly isAlive: () => Promise<boolean>;
  /** Starts another in its place. When it rejects it is called again, later and later. */
  readonly replace: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
  /** How often it is looked at. */
  readonly everyMs: number;
  readonly clock: Clock;
}

/** Replaces a daemon that dies; disposing stops that, and leaves the daemon alone. */
export interface Supervision extends AsyncDisposable {
  /** For a handover: one that dies is left to another server until `resume`. */
  pause(): Promise<void>;
  resume(): void;
}

const lastRetryMs = 10_000;

export function superviseDaemon({
  isAlive,
  replace,
  onFailure,
  everyMs,
  clock,
}: SupervisedDaemon): Supervision {
  let isPaused = false;
  let isOver = false;
  let retryMs = everyMs;
  let looking: Promise<void> = Promise.resolve();
  let cancel = clock.after(everyMs, look);

  function look(): void {
    looking = replaceIfDead().then((waitMs) => {
      if (!isOver) cancel = clock.after(waitMs, look);
    });
  }

  async function replaceIfDead(): Promise<number> {
    if (await isAlive()) {
      retryMs = everyMs;
      return everyMs;
    }
    if (isOver || isPaused) return everyMs;
    try {
      await replace();
      return everyMs;
    } catch (error) {
      onFailure(error);
      retryMs = Math.min(retryMs * 2, lastRetryMs);
      return retryMs;
    }
  }

  return {
    async pause() {
      isPaused = true;
      await looking;
    },
    resume() {
      isPaused = false;
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      cancel();
      await looking;
    },
  };
}
