import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import { StartLimit } from './start-limit.ts';

/** Permission to start one sandbox: a place among the starts under way. Disposing releases it. */
export interface AdmissionPass extends Disposable {
  /** Gives the place to the next one, whether or not this start is over. Idempotent. */
  release(): void;
  /** The start is over and has succeeded: how long it took counts, also when the place was given up before. Releases it. */
  succeed(): void;
}

export interface AdmissionWish {
  /** Made ahead of time: only while no other call waits, with at most half of the places, and with memory to spare. */
  readonly isAhead?: boolean;
}

/** Keeps a crowd of starts from taking the machine down: as many at a time as it bears, none into the last memory, the rest in a queue. */
export interface AdmissionGate {
  /**
   * Waits for its turn: first come, first served among the calls of one owner, and owners in turn. Rejects with
   * `throttled` when the queue is full or the wait too long (not those that are ahead: they have time), or with the signal's reason.
   */
  enter(owner: string, signal?: AbortSignal, wish?: AdmissionWish): Promise<AdmissionPass>;
  readonly inFlight: number;
  /** Starts that may be under way now, by what was measured. */
  readonly limit: number;
  /** Those made ahead are not in it. */
  readonly waiting: number;
  /** How many wait, by owner. */
  waitingByOwner(): ReadonlyMap<string, number>;
}

export interface AdmissionOptions {
  /** Starts under way at most. */
  readonly startsInFlight: number;
  readonly cpus: number;
  /** Calls that may wait. */
  readonly queueLimit: number;
  /** Memory that stays free for everything else. */
  readonly memoryReserveBytes: number;
  /** What the machine could give to new processes; `readAvailableMemory` outside tests. */
  readonly availableMemoryBytes: () => Promise<number>;
  /** What one more sandbox of the owner is expected to take, by those it had. */
  readonly expectedMemoryBytes: (owner: string) => number;
  /** Threads that the machine could still have; `readAvailableTasks` outside tests. */
  readonly availableTasks: () => Promise<number>;
  /** Somebody waits although there is a place: whatever can be given up should be. */
  readonly onShortage?: () => void;
  readonly clock: Clock;
  readonly maxWaitMs: number;
}

type Shortage = 'memory' | 'processes';

interface Waiter {
  readonly owner: string;
  readonly admit: (pass: AdmissionPass) => void;
  readonly reject: (reason: unknown) => void;
}

/** Threads of a start, and those that stay free for everything else. */
const tasksPerStart = 64;
const taskReserve = 1_000;
const retryMs = 500;

export function createAdmissionGate(options: AdmissionOptions): AdmissionGate {
  const { startsInFlight, queueLimit, memoryReserveBytes, clock, maxWaitMs } = options;
  const limit = new StartLimit({ maximum: startsInFlight, cpus: options.cpus });
  /** Queues by owner; the first in the map has the next turn. */
  const queues = new Map<string, Set<Waiter>>();
  const ahead = new Set<Waiter>();
  let waiting = 0;
  let inFlight = 0;
  let aheadInFlight = 0;
  /** Expected of the starts under way, which have not taken it yet. */
  let expectedBytes = 0;
  /** By owner, as last seen. */
  const shortages = new Map<string, Shortage | undefined>();
  let admitting = false;
  /** Something has changed since one last looked. */
  let isStale = false;
  let cancelRetry = () => {};

  function wake(): void {
    isStale = true;
    if (!admitting) void admitAll();
  }

  async function admitAll(): Promise<void> {
    admitting = true;
    while (isStale) {
      isStale = false;
      if (await admitNext()) isStale = true;
    }
    admitting = false;
  }

  /** Says whether to look again at once. An owner whose next sandbox does not fit is passed over, and keeps its turn. */
  async function admitNext(): Promise<boolean> {
    const asked = candidates();
    for (const next of asked) {
      const isAhead = ahead.has(next);
      let shortage: Shortage | undefined;
      try {
        shortage = await findShortage(next.owner, isAhead);
      } catch (error) {
        next.reject(error);
        return true;
      }
      // Asking took a moment: whoever waited may have gone, or somebody may have come whose turn it is.
      const now = candidates();
      if (asked.some((waiter, at) => now[at] !== waiter)) return true;
      if (!isAhead) shortages.set(next.owner, shortage);
      if (shortage !== undefined) continue;
      take(next);
      next.admit(newPass(next.owner, isAhead));
      return true;
    }
    const [first] = asked;
    if (first === undefined) return false;
    cancelRetry();
    cancelRetry = clock.after(retryMs, wake);
    if (!ahead.has(first)) options.onShortage?.();
    return false;
  }

  /** The first of each owner, whose turn it is first; one of those ahead only where no call waits. */
  function candidates(): readonly Waiter[] {
    if (inFlight >= limit.current) return [];
    const calls = [...queues.values()].flatMap((queue) => [...queue].slice(0, 1));
    if (calls.length > 0 || aheadInFlight >= Math.max(1, Math.floor(limit.current / 2))) return calls;
    return [...ahead].slice(0, 1);
  }

  async function findShortage(owner: string, isAhead: boolean): Promise<Shortage | undefined> {
    const [memory, tasks] = await Promise.all([options.availableMemoryBytes(), options.availableTasks()]);
    const expected = options.expectedMemoryBytes(owner);
    const spare = isAhead ? memoryReserveBytes / 2 + expected : 0;
    if (memory - expectedBytes - expected - spare < memoryReserveBytes) return 'memory';
    return tasks - (inFlight + 1) * tasksPerStart < taskReserve ? 'processes' : undefined;
  }

  function take(waiter: Waiter): void {
    leave(waiter);
    // To the end of the round.
    const queue = queues.get(waiter.owner);
    if (queue !== undefined && queues.delete(waiter.owner)) queues.set(waiter.owner, queue);
  }

  function leave(waiter: Waiter): void {
    if (ahead.delete(waiter)) return;
    const queue = queues.get(waiter.owner);
    if (queue?.delete(waiter) !== true) return;
    waiting--;
    if (queue.size > 0) return;
    queues.delete(waiter.owner);
    shortages.delete(waiter.owner);
  }

  function newPass(owner: string, isAhead: boolean): AdmissionPass {
    const startedAtMs = clock.now();
    const expected = options.expectedMemoryBytes(owner);
    inFlight++;
    expectedBytes += expected;
    if (isAhead) aheadInFlight++;
    const beside = inFlight;
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      inFlight--;
      expectedBytes -= expected;
      if (isAhead) aheadInFlight--;
      wake();
    };
    const succeed = () => {
      limit.learn({ owner, tookMs: clock.now() - startedAtMs, inFlight: beside });
      release();
    };
    return { release, succeed, [Symbol.dispose]: release };
  }

  return {
    get inFlight() {
      return inFlight;
    },
    get limit() {
      return limit.current;
    },
    get waiting() {
      return waiting;
    },
    waitingByOwner: () => new Map([...queues].map(([owner, { size }]) => [owner, size])),
    enter(owner, signal, { isAhead = false } = {}) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (!isAhead && waiting >= queueLimit + Math.max(0, limit.current - inFlight)) {
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
          leave(waiter);
          reject(reason);
        };
        const onAbort = () => giveUp(signal?.reason);
        const cancelTimer = isAhead
          ? () => {}
          : clock.after(maxWaitMs, () => giveUp(new BerthError('throttled', waitedTooLong(owner))));
        const settle = () => {
          cancelTimer();
          signal?.removeEventListener('abort', onAbort);
        };
        const waiter: Waiter = {
          owner,
          admit: (pass) => {
            settle();
            resolve(pass);
          },
          reject: (reason) => giveUp(reason),
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        if (isAhead) ahead.add(waiter);
        else {
          const queue = queues.get(owner) ?? new Set();
          queues.set(owner, queue.add(waiter));
          waiting++;
        }
        wake();
      });
    },
  };

  function waitedTooLong(owner: string): string {
    const shortage = shortages.get(owner);
    const why =
      shortage === undefined ? 'too many sandboxes are starting' : `the machine is short of ${shortage}`;
    return `No sandbox could be started within ${maxWaitMs / 1000} s: ${why}. Try again later, or end sessions.`;
  }
}
