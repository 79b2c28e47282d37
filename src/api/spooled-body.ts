import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Clock } from '../shared/clock.ts';
import { bodyBrokeOff } from './body-errors.ts';
import type { Spool } from './spool-budget.ts';
import { SpoolSink } from './spool-sink.ts';
import { watchForStall } from './stall-limit.ts';

export interface SpooledBody extends AsyncDisposable {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** To be read once. */
  readonly stream: Readable;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SpoolingParts {
  /** Its body unread. */
  readonly request: IncomingMessage;
  readonly spool: Spool;
  /** Whose share of the budget is used. */
  readonly key: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Takes in a whole body, in memory and then on disk, and hashes it. Throws `throttled` when the spool is full and `validation`
 * when the body is too large, breaks off or stalls; nothing of it is kept then, and what has not arrived stays unread.
 */
export async function spoolBody(parts: SpoolingParts): Promise<SpooledBody> {
  const { request, spool, key } = parts;
  const sink = new SpoolSink({ spool, key });
  try {
    await fill(sink, parts);
    const stream = sink.read();
    return {
      sha256: sink.sha256(),
      sizeBytes: sink.sizeBytes,
      stream,
      async [Symbol.asyncDispose]() {
        stream.destroy();
        await sink.free();
      },
    };
  } catch (error) {
    request.unpipe(sink);
    await sink.free();
    throw error;
  }
}

function fill(sink: SpoolSink, { request, clock, signal }: SpoolingParts): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopWatching = watchForStall(request, clock, (error) => sink.destroy(error));
    const onBroken = () => {
      if (!request.complete) sink.destroy(bodyBrokeOff());
    };
    const onAbort = () => sink.destroy(signal.reason instanceof Error ? signal.reason : bodyBrokeOff());
    sink.once('finish', resolve).once('error', reject);
    sink.once('close', () => {
      stopWatching();
      signal.removeEventListener('abort', onAbort);
      request.off('close', onBroken);
    });
    signal.addEventListener('abort', onAbort, { once: true });
    request.on('close', onBroken).on('error', onBroken).pipe(sink);
    if (signal.aborted) onAbort();
    else if (request.destroyed) onBroken();
  });
}
