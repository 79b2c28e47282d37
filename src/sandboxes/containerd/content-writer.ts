import type { BlobInfo, BlobWriter } from '../../images/blob-store.ts';
import type { Digest } from '../../images/digest.ts';
import { type Clock, sleep } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { ContentApi } from './api/content-api.ts';
import { isEngineError, toBerthError, withBerthErrors } from './api/engine-error.ts';
import { type ContentWriteCall, openWriteCall } from './content-write-call.ts';

export interface ContentWriterParts {
  readonly content: ContentApi;
  readonly clock: Clock;
  /** Called before content becomes visible, so that the collector never sees it unkept. */
  readonly keepForAWhile: (digest: Digest) => Promise<void>;
}

/** Opens the upload `reference`, at the offset it had reached. Rejects with `retryable-conflict` while another writer has it. */
export async function openContentWriter(parts: ContentWriterParts, reference: string): Promise<BlobWriter> {
  const { content, keepForAWhile } = parts;
  const call = await withBerthErrors(() => openWhenFree(parts, reference));
  let { offset } = call;
  let isOpen = true;

  function requireOpen(): void {
    if (!isOpen) throw new BerthError('internal', `The upload ${reference} is closed.`);
  }

  async function close(): Promise<void> {
    isOpen = false;
    await call.close();
  }

  return {
    get offset() {
      return offset;
    },
    async write(chunk) {
      requireOpen();
      for (let at = 0; at < chunk.byteLength; at += messageBytes) {
        const data = chunk.subarray(at, at + messageBytes);
        try {
          ({ offset } = await call.send({ action: 'WRITE', ref: reference, offset, data }));
        } catch (error) {
          await close();
          throw toBerthError(error);
        }
      }
    },
    async commit(expected): Promise<BlobInfo> {
      requireOpen();
      try {
        await keepForAWhile(expected);
        await call.send({ action: 'COMMIT', ref: reference, offset, total: offset, expected });
        await close();
      } catch (error) {
        await close();
        if (isEngineError(error, 'already-exists')) return await alreadyThere(expected);
        if (!isEngineError(error, 'failed-precondition')) throw toBerthError(error);
        await withBerthErrors(() => content.abort(reference));
        throw new BerthError(
          'validation',
          `The content does not have the digest ${expected}: it was damaged on its way. Send it again.`,
          { cause: error },
        );
      }
      return { digest: expected, sizeBytes: offset };
    },
    async abort() {
      await close();
      await withBerthErrors(() => content.abort(reference));
    },
    [Symbol.asyncDispose]: close,
  };

  async function alreadyThere(digest: Digest): Promise<BlobInfo> {
    return withBerthErrors(async () => {
      await content.abort(reference);
      const info = await content.find(digest);
      if (info === undefined)
        throw new BerthError('unavailable', `The content ${digest} was just collected; send it again.`);
      return { digest, sizeBytes: info.size };
    });
  }
}

/** containerd takes few large messages faster than many small ones. */
const messageBytes = 1024 * 1024;
const lockAttempts = 25;

/** containerd lets go of a reference a moment after its stream ended. */
async function openWhenFree(
  { content, clock }: ContentWriterParts,
  reference: string,
): Promise<ContentWriteCall> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openWriteCall(content, reference);
    } catch (error) {
      if (!isEngineError(error, 'unavailable') || !error.details.includes('locked')) throw error;
      if (attempt === lockAttempts) {
        throw new BerthError(
          'retryable-conflict',
          `The upload ${reference} is being written by another request.`,
          {
            cause: error,
          },
        );
      }
      await sleep(clock, 40);
    }
  }
}
