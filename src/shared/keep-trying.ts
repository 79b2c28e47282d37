import { type Clock, sleep } from './clock.ts';

export interface KeepTryingParts {
  readonly clock: Clock;
  /** Nobody wants it any more. */
  readonly isOver: () => boolean;
  /** Told of each failure, before it is tried again. */
  readonly onFailure: (error: unknown) => void;
  /** Ends a pause at once: `keepTrying` then rejects with its reason. */
  readonly signal?: AbortSignal;
}

const firstRetryMs = 500;
const longestRetryMs = 30_000;

/** Does what has to be done in the end, with growing pauses. Resolves to undefined when it is over before that. */
export async function keepTrying<Result>(
  work: () => Promise<Result>,
  { clock, isOver, onFailure, signal }: KeepTryingParts,
): Promise<Result | undefined> {
  for (let retryMs = firstRetryMs; ; retryMs = Math.min(longestRetryMs, retryMs * 2)) {
    try {
      return await work();
    } catch (error) {
      onFailure(error);
    }
    if (isOver()) return undefined;
    await sleep(clock, retryMs, signal);
    if (isOver()) return undefined;
  }
}
