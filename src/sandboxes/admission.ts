import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';

/** Permission to start one sandbox, held until the start has succeeded or failed. */
export interface AdmissionPass extends Disposable {
  /** Idempotent. */
  release(): void;
}

/** Keeps a crowd of starts from taking the machine down: so many at a time, none into the last memory, the rest in a queue. */
export interface AdmissionGate {
  /**
   * Waits for its turn: first come, first served among the calls of one owner, and owners in turn. Rejects with
   * `throttled` when the queue is full or the wait too long, or with the signal's reason.
   */
  enter(owner: string, signal?: AbortSignal): Promise<AdmissionPass>;
  /** For metrics. */
  readonly inFlight: number;
  readonly waiting: number;
}

export interface AdmissionOptions {
  /** Starts under way at most. */
  readonly startsInFlight: number;
  /** Calls that may wait. */
  readonly queueLimit: number;
  /** Memory that stays free for everything else. */
  readonly memoryReserveBytes: number;
  /** What the machine could give to new processes; `readAvailableMemory` outside tests. */
  readonly availableMemoryBytes: () => Promise<number>;
  readonly clock: Clock;
  readonly maxWaitMs: number;
}

interface Waiter {
  readonly admit: (pass: AdmissionPass) => void;
  readonly reject: (reason: unknown) => void;
}

/** A start under way has not yet taken the memory that it will: about what a small agent needs. */
const memoryPerStartBytes = 64 * 1024 * 1024;
const memoryRetryMs = 500;

export function createAdmissionGate(options: AdmissionOptions): AdmissionGate {
  const { startsInFlight, queueLimit, memoryReserveBytes, availableMemoryBytes, clock, maxWaitMs } = options;
  /** Queues by owner; the first in the map has the next turn. */
  const queues = new Map<string, Set<Waiter>>();
  let inFlight = 0;
  let waiting = 0;
  let isShortOfMemory = false;
  let admitting = false;
  let cancelRetry = () => {};

  function wake(): void {
    if (!admitting) void admitAll();
  }

  async function admitAll(): Promise<void> {
    admitting = true;
    while (waiting > 0 && inFlight < startsInFlight) {
      try {
        isShortOfMemory = !(await hasMemory());
      } catch (error) {
        takeNext()?.reject(error);
        continue;
      }
      if (isShortOfMemory) {
        cancelRetry();
        cancelRetry = clock.after(memoryRetryMs, wake);
        break;
      }
      // Asking for memory took a moment: whoever waited may have gone.
      takeNext()?.admit(newPass());
    }
    admitting = false;
  }

  async function hasMemory(): Promise<boolean> {
    return (await availableMemoryBytes()) - inFlight * memoryPerStartBytes >= memoryReserveBytes;
  }

  function takeNext(): Waiter | undefined {
    for (const [owner, queue] of queues) {
      const [waiter] = queue;
      if (waiter === undefined) continue;
      leave(owner, waiter);
      // To the end of the round.
      if (queues.delete(owner) && queue.size > 0) queues.set(owner, queue);
      return waiter;
    }
    return undefined;
  }

  function leave(owner: string, waiter: Waiter): void {
    const queue = queues.get(owner);
    if (queue?.delete(waiter) !== true) return;
    waiting--;
    if (queue.size === 0) queues.delete(owner);
  }

  function newPass(): AdmissionPass {
    inFlight++;
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      inFlight--;
      wake();
    };
    return { release, [Symbol.dispose]: release };
  }

  return {
    get inFlight() {
      return inFlight;
    },
    get waiting() {
      return waiting;
    },
    enter(owner, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (waiting >= queueLimit + Math.max(0, startsInFlight - inFlight)) {
        return Promise.reject(
          new BerthError(
            'throttled',
            `Too many sandboxes are starting: ${waiting} wait already. Try again shortly.`,
          ),
        );
      }
      return new Promise((resolve, reject) => {
        const giveUp = (reason: unknown) => {
          settle();
          leave(owner, waiter);
          reject(reason);
        };
        const onAbort = () => giveUp(signal?.reason);
        const cancelTimer = clock.after(maxWaitMs, () =>
          giveUp(new BerthError('throttled', waitedTooLong())),
        );
        const settle = () => {
          cancelTimer();
          signal?.removeEventListener('abort', onAbort);
        };
        const waiter: Waiter = {
          admit: (pass) => {
            settle();
            resolve(pass);
          },
          reject: (reason) => giveUp(reason),
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        const queue = queues.get(owner) ?? new Set();
        queues.set(owner, queue.add(waiter));
        waiting++;
        wake();
      });
    },
  };

  function waitedTooLong(): string {
    const why = isShortOfMemory ? 'the machine is short of memory' : 'too many sandboxes are starting';
    return `No sandbox could be started within ${maxWaitMs / 1000} s: ${why}. Try again later, or end sessions.`;
  }
}
