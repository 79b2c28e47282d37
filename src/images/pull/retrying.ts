import { type Clock, sleep } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';

/** Runs `work` up to `attempts` times, with growing pauses, as long as it fails with `unavailable`. */
export async function retrying<Result>(
  options: { readonly clock: Clock; readonly attempts: number; readonly signal?: AbortSignal | undefined },
  work: (attempt: number) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      const isWorthwhile = error instanceof BerthError && error.code === 'unavailable';
      if (!isWorthwhile || attempt === options.attempts) throw error;
      await sleep(options.clock, 500 * 2 ** (attempt - 1), options.signal);
    }
  }
}
