import type { Clock } from '../../../shared/clock.ts';

const freshMs = 5 * 60_000;

/**
 * Names that a sweep leaves alone although nobody is known to own them: something is being done with them, or they were given
 * out so recently that the one who sweeps need not have heard of it.
 */
export class FreshNames<Name extends string> {
  readonly #clock: Clock;
  readonly #inWork = new Set<Name>();
  readonly #givenOutAtMs = new Map<Name, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async during<Result>(name: Name, work: () => Promise<Result>): Promise<Result> {
    this.#inWork.add(name);
    try {
      return await work();
    } finally {
      this.#inWork.delete(name);
    }
  }

  giveOut(name: Name): void {
    this.#givenOutAtMs.set(name, this.#clock.now());
  }

  forget(name: Name): void {
    this.#givenOutAtMs.delete(name);
  }

  isFresh(name: Name): boolean {
    const atMs = this.#givenOutAtMs.get(name);
    return this.#inWork.has(name) || (atMs !== undefined && this.#clock.now() - atMs < freshMs);
  }
}
