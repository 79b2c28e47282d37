import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';

/** Things that take a while to make, kept ready ahead of time; each is handed out once. */
export interface PreparedPool<Item> {
  /** The oldest ready item, or the next one made. Rejects with the signal's reason, or with what went wrong in making one. */
  claim(signal?: AbortSignal): Promise<Item>;
  /** Starts making what is missing, in the background. */
  refill(): void;
  /** Makes nothing until `resume`; resolves when nothing is being made. What is ready stays ready. */
  pause(): Promise<void>;
  resume(): void;
  /** What is ready and not claimed. */
  ready(): readonly Item[];
  /** Stops making, waits for what is being made and returns everything unclaimed. Idempotent. */
  close(): Promise<readonly Item[]>;
}

export interface PreparedPoolOptions<Item> {
  readonly size: number;
  /** How many are made at a time, whatever the number of waiting claims. */
  readonly concurrency: number;
  readonly prepare: () => Promise<Item>;
  /** Told of failures that no claim was waiting for. */
  readonly onFailure: (error: unknown) => void;
  readonly clock: Clock;
}

interface Waiter<Item> {
  readonly resolve: (item: Item) => void;
  readonly reject: (reason: unknown) => void;
}

const firstRetryMs = 1_000;
const lastRetryMs = 60_000;

export function createPreparedPool<Item>(options: PreparedPoolOptions<Item>): PreparedPool<Item> {
  const { size, concurrency, prepare, onFailure, clock } = options;
  const ready: Item[] = [];
  const waiters = new Set<Waiter<Item>>();
  const making = new Set<Promise<void>>();
  let retryMs = firstRetryMs;
  let cancelRetry: (() => void) | undefined;
  let closed = false;
  let paused = false;

  function refill(): void {
    while (!closed && !paused && making.size < concurrency && wanted() > making.size) {
      const one: Promise<void> = makeOne().finally(() => {
        making.delete(one);
        refill();
      });
      making.add(one);
    }
  }

  /** While a retry is pending, only claims that wait are worth another attempt. */
  function wanted(): number {
    return cancelRetry === undefined ? size - ready.length + waiters.size : waiters.size;
  }

  async function makeOne(): Promise<void> {
    try {
      const item = await prepare();
      retryMs = firstRetryMs;
      const waiter = nextWaiter();
      if (waiter === undefined) ready.push(item);
      else waiter.resolve(item);
    } catch (error) {
      const waiter = nextWaiter();
      if (waiter === undefined) onFailure(error);
      else waiter.reject(error);
      retryLater();
    }
  }

  function nextWaiter(): Waiter<Item> | undefined {
    const [first] = waiters;
    if (first !== undefined) waiters.delete(first);
    return first;
  }

  function retryLater(): void {
    if (closed || cancelRetry !== undefined) return;
    cancelRetry = clock.after(retryMs, () => {
      cancelRetry = undefined;
      refill();
    });
    retryMs = Math.min(retryMs * 2, lastRetryMs);
  }

  return {
    claim(signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (closed) return Promise.reject(new BerthError('unavailable', 'The server is shutting down.'));
      const item = ready.shift();
      if (item !== undefined) {
        refill();
        return Promise.resolve(item);
      }
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          waiters.delete(waiter);
          reject(signal?.reason);
        };
        const settle = () => signal?.removeEventListener('abort', onAbort);
        const waiter: Waiter<Item> = {
          resolve: (made) => {
            settle();
            resolve(made);
          },
          reject: (reason) => {
            settle();
            reject(reason);
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiters.add(waiter);
        refill();
      });
    },
    refill,
    async pause() {
      paused = true;
      await Promise.all(making);
    },
    resume() {
      paused = false;
      refill();
    },
    ready: () => ready,
    async close() {
      closed = true;
      cancelRetry?.();
      for (const waiter of waiters)
        waiter.reject(new BerthError('unavailable', 'The server is shutting down.'));
      waiters.clear();
      await Promise.all(making);
      return ready.splice(0);
    },
  };
}
