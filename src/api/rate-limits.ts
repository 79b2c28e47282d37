import { BerthError } from '../shared/errors.ts';
import type { Clock } from '../shared/clock.ts';

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Token buckets by key (such as account and class); each holds one second of its rate. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(parts: { readonly clock: Clock }) {
    this.#clock = parts.clock;
  }

  /** Takes one token. Throws `throttled` when there is none; a rate of 0 never throttles. `ratePerSecond` may be below 1. */
  take(key: string, ratePerSecond: number): void {
    if (ratePerSecond <= 0) return;
    const now = this.#clock.now();
    const capacity = Math.max(1, ratePerSecond);
    const bucket = this.#buckets.get(key) ?? { tokens: capacity, filledAt: now };
    const earned = (Math.max(0, now - bucket.filledAt) * ratePerSecond) / 1000;
    const tokens = Math.min(capacity, bucket.tokens + earned);
    this.#buckets.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, filledAt: now });
    if (tokens < 1) {
      throw new BerthError(
        'throttled',
        `Rate exceeded: more than ${ratePerSecond} requests per second. Slow down and try again.`,
      );
    }
  }
}
