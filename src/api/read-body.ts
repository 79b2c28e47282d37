import type { IncomingMessage } from 'node:http';
import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';

/**
 * The whole body. Throws `validation` when it is longer than `limit.bytes` (by Content-Length before any byte is read), takes
 * longer than `limit.ms` or breaks off; what is left of it stays unread: see drainRequest.
 */
export async function readBody(
  request: IncomingMessage,
  clock: Clock,
  limit: { readonly bytes: number; readonly ms: number },
): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > limit.bytes) throw tooLarge(limit.bytes);
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    const stop = () => {
      cancel();
      request.off('data', onData).off('end', onEnd).off('close', onBroken).off('error', onBroken);
    };
    const fail = (error: BerthError) => {
      stop();
      request.pause();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.byteLength;
      if (length > limit.bytes) fail(tooLarge(limit.bytes));
      else chunks.push(chunk);
    };
    const onEnd = () => {
      stop();
      resolve(Buffer.concat(chunks, length));
    };
    const onBroken = () => fail(incomplete('The request broke off before the end of its body.'));
    const cancel = clock.after(limit.ms, () =>
      fail(incomplete(`The request body did not arrive within ${limit.ms / 1000} seconds.`)),
    );
    request.on('data', onData).on('end', onEnd).on('close', onBroken).on('error', onBroken);
  });
}

function tooLarge(limitBytes: number): BerthError {
  return new BerthError('validation', `The request body is larger than ${limitBytes} bytes.`, {
    reason: 'CannotParse',
  });
}

function incomplete(message: string): BerthError {
  return new BerthError('validation', message, { reason: 'CannotParse' });
}
