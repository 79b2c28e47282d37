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
}

/** How much of the spool is in use, by access key. */
export class SpoolBudget {
  readonly #limits: SpoolLimits;
  readonly #heldByKey = new Map<string, number>();
  #held = 0;

  constructor(limits: SpoolLimits) {
    this.#limits = limits;
  }

  get heldBytes(): number {
    return this.#held;
  }

  /** Throws `throttled` when there is no room for `bytes` more. */
  take(key: string, bytes: number): void {
    const heldByKey = this.#heldByKey.get(key) ?? 0;
    if (heldByKey + bytes > this.#limits.perKeyBytes || this.#held + bytes > this.#limits.totalBytes) {
      throw new BerthError(
        'throttled',
        'Too many request bodies are being received that have to be stored before they can be verified. Try again shortly, or sign the hash of the body in x-amz-content-sha256 and send a Content-Length.',
      );
    }
    this.#heldByKey.set(key, heldByKey + bytes);
    this.#held += bytes;
  }

  give(key: string, bytes: number): void {
    const heldByKey = (this.#heldByKey.get(key) ?? 0) - bytes;
    if (heldByKey > 0) this.#heldByKey.set(key, heldByKey);
    else this.#heldByKey.delete(key);
    this.#held -= bytes;
  }
}
