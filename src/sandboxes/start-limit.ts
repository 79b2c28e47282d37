export interface FinishedStart {
  readonly owner: string;
  /** Until its agent was healthy. */
  readonly tookMs: number;
  /** Starts under way when it began, itself included. */
  readonly inFlight: number;
}

/** How many times the time that sharing the processors explains is still taken for granted, and how many are too many. */
const fairRatio = 1.5;
const crowdedRatio = 2;
const rememberedOwners = 1_000;

/**
 * How many sandboxes may be starting at once, by how long starts take. A start has a usual time, its owner's own; with more starts than
 * processors it takes longer in proportion. One that takes more than twice as long as that says that the machine has no more to
 * give (disk, memory, other work): fewer at once then, and one by one more again while starts are as quick as can be expected.
 */
export class StartLimit {
  readonly #maximum: number;
  readonly #cpus: number;
  readonly #usualMs = new Map<string, number>();
  #limit: number;
  #ratio = 1;

  constructor({ maximum, cpus }: { readonly maximum: number; readonly cpus: number }) {
    this.#maximum = maximum;
    this.#cpus = cpus;
    this.#limit = Math.min(maximum, Math.max(2, cpus));
  }

  /** A whole number from 1 to the maximum. */
  get current(): number {
    return Math.floor(this.#limit);
  }

  learn({ owner, tookMs, inFlight }: FinishedStart): void {
    const usualMs = this.#usualMs.get(owner);
    const share = Math.max(1, inFlight / this.#cpus);
    this.#remember(owner, usualMs, tookMs / share);
    // The first one of an owner has nothing to be compared with.
    if (usualMs === undefined) return;
    this.#ratio += (tookMs / (usualMs * share) - this.#ratio) * 0.25;
    if (this.#ratio > crowdedRatio) {
      this.#limit = Math.max(1, this.#limit * 0.75);
      this.#ratio = fairRatio;
    } else if (this.#ratio <= fairRatio && inFlight >= this.current) {
      this.#limit = Math.min(this.#maximum, this.#limit + 1 / this.#limit);
    }
  }

  /** The quickest it was, forgotten slowly: an agent may have become slower for good. */
  #remember(owner: string, usualMs: number | undefined, aloneMs: number): void {
    const best = usualMs === undefined || aloneMs < usualMs ? aloneMs : usualMs + (aloneMs - usualMs) * 0.02;
    this.#usualMs.delete(owner);
    this.#usualMs.set(owner, Math.max(1, best));
    for (const oldest of this.#usualMs.keys()) {
      if (this.#usualMs.size <= rememberedOwners) break;
      this.#usualMs.delete(oldest);
    }
  }
}
