/** What a small agent takes. */
const unknownBytes = 64 * 2 ** 20;
const rememberedOwners = 1_000;

/** What one more sandbox of an owner will take: as much as those that it has had took when they were last looked at. */
export class MemoryExpectations {
  readonly #bytes = new Map<string, number>();

  of(owner: string): number {
    return this.#bytes.get(owner) ?? unknownBytes;
  }

  /** One sandbox's memory: more is believed at once, less bit by bit. */
  learn(owner: string, bytes: number): void {
    const known = this.#bytes.get(owner);
    this.#bytes.delete(owner);
    this.#bytes.set(owner, known === undefined || bytes > known ? bytes : known + (bytes - known) * 0.1);
    for (const oldest of this.#bytes.keys()) {
      if (this.#bytes.size <= rememberedOwners) break;
      this.#bytes.delete(oldest);
    }
  }
}
