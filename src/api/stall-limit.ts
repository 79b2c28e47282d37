import type { IncomingMessage } from 'node:http';
import type { Clock } from '../shared/clock.ts';
import type { BerthError } from '../shared/errors.ts';
import { bodyStalled } from './body-errors.ts';

/** How long a caller may send nothing in the middle of its upload. */
const limitMs = 60_000;

/**
 * Calls back once when nothing of a body has arrived for too long although it was asked for: a reader that holds the body back
 * is not the caller's fault. Returns how to stop watching.
 */
export function watchForStall(
  request: IncomingMessage,
  clock: Clock,
  onStall: (error: BerthError) => void,
): () => void {
  let cancel = () => {};
  const watch = () => {
    cancel = clock.after(limitMs, () => {
      if (request.isPaused()) watch();
      else onStall(bodyStalled(limitMs));
    });
  };
  const onData = () => {
    cancel();
    watch();
  };
  request.on('data', onData);
  watch();
  return () => {
    cancel();
    request.off('data', onData);
  };
}
