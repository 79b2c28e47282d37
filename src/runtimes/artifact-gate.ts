/** Keeps an image from being forgotten between the moment it is prepared and the moment its version pins it. */
export class ArtifactGate {
  #preparing = 0;
  #forgetting: Promise<void> = Promise.resolve();

  /** Runs `work` (prepare and pin) while nothing is forgotten. */
  async whilePreparing<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#preparing += 1;
    try {
      await this.#forgetting;
      return await work();
    } finally {
      this.#preparing -= 1;
    }
  }

  /** Runs `work` (check and forget) when nothing is being prepared; otherwise answers false. */
  async tryForget(work: () => Promise<void>): Promise<boolean> {
    if (this.#preparing > 0) return false;
    const before = this.#forgetting;
    const run = before.then(work);
    this.#forgetting = run.catch(() => {});
    await run;
    return true;
  }
}
