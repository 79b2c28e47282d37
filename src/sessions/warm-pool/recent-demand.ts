/** The burst that a pool of `auto` should be able to take, and for how long it is remembered. */
const burstMs = 10_000;
const rememberedMs = 10 * 60_000;
const rememberedStarts = 1_000;

/** How many sessions of a version began lately. */
export class RecentDemand {
  readonly #startsMs: number[] = [];

  note(nowMs: number): void {
    this.#startsMs.push(nowMs);
    if (this.#startsMs.length > rememberedStarts) this.#startsMs.shift();
  }

  /** The most that began within any ten seconds of the last ten minutes. */
  busiest(nowMs: number): number {
    while ((this.#startsMs[0] ?? nowMs) < nowMs - rememberedMs) this.#startsMs.shift();
    let most = 0;
    for (let first = 0, last = 0; last < this.#startsMs.length; last += 1) {
      while ((this.#startsMs[first] ?? 0) <= (this.#startsMs[last] ?? 0) - burstMs) first += 1;
      most = Math.max(most, last - first + 1);
    }
    return most;
  }
}
