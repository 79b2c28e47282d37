import type { Clock } from '../shared/clock.ts';
import { keepTrying } from '../shared/keep-trying.ts';

/** Work that something else must not begin without: tried until it succeeds, or until it is stopped. */
export class RetriedWork {
  readonly #parts: { readonly clock: Clock; readonly onFailure: (error: unknown) => void };
  #stopped = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(parts: { readonly clock: Clock; readonly onFailure: (error: unknown) => void }) {
    this.#parts = parts;
  }

  /** Resolves when `work` and then `next`, which must not reject, are done, or when `work` has failed for the first time: it then goes on. */
  async begin(work: () => Promise<void>, next: () => Promise<void>): Promise<void> {
    await this.stop();
    const { signal } = (this.#stopped = new AbortController());
    const failed = Promise.withResolvers<void>();
    const onFailure = (error: unknown) => {
      this.#parts.onFailure(error);
      failed.resolve();
    };
    const isOver = () => signal.aborted;
    this.#done = keepTrying(work, { ...this.#parts, onFailure, isOver, signal }).then(
      () => (isOver() ? undefined : next()),
      () => {},
    );
    await Promise.race([failed.promise, this.#done]);
  }

  /** Resolves when it is at rest. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error('It is not to be done any more.'));
    await this.#done;
  }
}
