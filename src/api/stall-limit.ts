import type { IncomingMessage } from 'node:http';
import type { Clock } from '../shared/clock.ts';
import type { BerthError } from '../shared/errors.ts';
import { bodyStalled } from './body-errors.ts';

/** The least that a caller has to send in such a time: less is not an upload but an open connection. */
const windowMs = 60_000;
const windowBytes = 64 * 1024;

/**
 * Calls back once when too little of a body has arrived although it was asked for: a reader that holds the body back is not the
 * caller's fault. Returns how to stop watching.
 */
export function watchForStall(
  request: IncomingMessage,
  clock: Clock,
  onStall: (error: BerthError) => void,
): () => void {
  let received = 0;
  let cancel = () => {};
  const watch = () => {
    cancel = clock.after(windowMs, () => {
      if (received < windowBytes && !request.isPaused()) {
        onStall(bodyStalled(windowMs));
        return;
      }
      received = 0;
      watch();
    });
  };
  const onData = (chunk: Buffer) => void (received += chunk.byteLength);
  request.on('data', onData);
  watch();
  return () => {
    cancel();
    request.off('data', onData);
  };
}
