import type { IncomingMessage } from 'node:http';
import type { Clock } from '../shared/clock.ts';

/**
 * Reads and drops what is left of a refused request: a client that is still sending would otherwise see a broken pipe instead of
 * the error. Resolves true when the body has ended, false after `limitMs` or when the connection broke.
 */
export function drainRequest(request: IncomingMessage, clock: Clock, limitMs = 10_000): Promise<boolean> {
  if (request.readableEnded || request.complete) {
    request.resume();
    return Promise.resolve(true);
  }
  if (request.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const settle = (isDrained: boolean) => {
      cancel();
      request.off('end', onEnd).off('close', onClose);
      resolve(isDrained);
    };
    const onEnd = () => settle(true);
    const onClose = () => settle(false);
    const cancel = clock.after(limitMs, () => settle(false));
    request.on('end', onEnd).on('close', onClose).resume();
  });
}
