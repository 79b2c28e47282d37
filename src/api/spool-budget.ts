import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';

/** Where bodies wait until they are proven. */
export interface Spool {
  /** Made when first needed. */
  readonly folder: string;
  readonly budget: SpoolBudget;
  /** What one body may hold in memory before it goes to disk. */
  readonly memoryBytes: number;
}

export interface SpoolLimits {
  /** Bytes that all requests may hold at once, in memory and on disk. */
  readonly totalBytes: number;
  /** Bytes that the requests of one access key may hold at once. */
  readonly perKeyBytes: number;
  readonly clock: Clock;
}

/** What one request holds. Disposing gives it back. */
export interface SpoolShare extends Disposable {
  /** Throws `throttled` when there is no room for `bytes` more. */
  take(bytes: number): void;
  /** The whole body is here: it no longer has to make way. */
  complete(): void;
}

/**
 * How much of the spool is in use, by access key: by what has arrived, not by what was announced. Nothing of it is proven yet and
 * key ids are no secret, so that whoever sends slowly makes way when there is no room for those who do not.
 */
export class SpoolBudget {
  readonly #limits: SpoolLimits;
  readonly #shares = new Set<Share>();

  constructor(limits: SpoolLimits) {
    this.#limits = limits;
  }

  get heldBytes(): number {
    return this.#held(() => true);
  }

  /** `makeWay` is called with what its caller is to be told when the share is taken away. */
  open(key: string, makeWay: (error: BerthError) => void): SpoolShare {
    const share = new Share(key, makeWay, this.#limits.clock.now());
    this.#shares.add(share);
    return {
      take: (bytes) => this.#take(share, bytes),
      complete: () => void (share.isComplete = true),
      [Symbol.dispose]: () => void this.#shares.delete(share),
    };
  }

  #take(share: Share, bytes: number): void {
    const { perKeyBytes, totalBytes, clock } = this.#limits;
    const nowMs = clock.now();
    const ofKey = (one: Share) => one.key === share.key;
    this.#makeRoom(perKeyBytes - bytes, ofKey, share, nowMs);
    this.#makeRoom(totalBytes - bytes, () => true, share, nowMs);
    share.receive(bytes, nowMs);
  }

  #makeRoom(limitBytes: number, counts: (one: Share) => boolean, forWhom: Share, nowMs: number): void {
    while (this.#held(counts) > limitBytes) {
      const slow = [...this.#shares].find((one) => one !== forWhom && counts(one) && one.isSlow(nowMs));
      if (slow === undefined) throw noRoom();
      this.#shares.delete(slow);
      slow.makeWay(noRoom());
    }
  }

  #held(counts: (one: Share) => boolean): number {
    let sum = 0;
    for (const share of this.#shares) if (counts(share)) sum += share.heldBytes;
    return sum;
  }
}

/** Less than this in such a time is slow. */
const windowMs = 10_000;
const windowBytes = 256 * 1024;

class Share {
  readonly key: string;
  readonly makeWay: (error: BerthError) => void;
  isComplete = false;
  heldBytes = 0;
  #windowStartMs: number;
  #bytesInWindow = 0;

  constructor(key: string, makeWay: (error: BerthError) => void, nowMs: number) {
    this.key = key;
    this.makeWay = makeWay;
    this.#windowStartMs = nowMs;
  }

  receive(bytes: number, nowMs: number): void {
    this.heldBytes += bytes;
    if (nowMs - this.#windowStartMs >= windowMs) {
      this.#windowStartMs = nowMs;
      this.#bytesInWindow = 0;
    }
    this.#bytesInWindow += bytes;
  }

  isSlow(nowMs: number): boolean {
    const passedMs = nowMs - this.#windowStartMs;
    return (
      !this.isComplete &&
      passedMs >= windowMs / 2 &&
      this.#bytesInWindow < (windowBytes * passedMs) / windowMs
    );
  }
}

function noRoom(): BerthError {
  return new BerthError(
    'throttled',
    'Too many request bodies are being received that have to be stored before they can be verified. Try again shortly, or sign the hash of the body in x-amz-content-sha256 and send a Content-Length.',
  );
}
