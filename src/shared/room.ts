export interface RoomParts {
  /** What is there now, as the machine says. */
  readonly freeBytes: () => Promise<number>;
  /** Left alone. */
  readonly reserveBytes: number;
}

/**
 * Room of the machine, on a disk or in memory, for several works at a time. What one was promised counts as taken until it is over, since
 * the machine says only what has really been taken.
 */
export class Room {
  readonly #parts: RoomParts;
  #promisedBytes = 0;

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  /** Rejects with `tooLittle`, of what is free, when there is no room; otherwise as `work` does. */
  async use<Result>(
    neededBytes: number,
    tooLittle: (freeBytes: number) => Error,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const { freeBytes, reserveBytes } = this.#parts;
    // Of those at the same time the first has it, not none.
    const promisedBefore = this.#promisedBytes;
    this.#promisedBytes += neededBytes;
    try {
      const free = await freeBytes();
      if (free - promisedBefore - neededBytes < reserveBytes) throw tooLittle(free);
      return await work();
    } finally {
      this.#promisedBytes -= neededBytes;
    }
  }
}
