import { messageOf } from './errors.ts';

/** Does all of it, one step after the other, whatever fails. Rejects in the end with what did. */
export async function attemptAll(...steps: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map(messageOf).join(' '));
}
