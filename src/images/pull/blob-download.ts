import type { Clock } from '../../shared/clock.ts';
import { BerthError, messageOf } from '../../shared/errors.ts';
import { inBatches } from '../batches.ts';
import type { BlobStore, BlobWriter } from '../blob-store.ts';
import type { Descriptor } from '../manifest.ts';
import type { UploadStore } from '../repositories/upload-store.ts';
import { uploadReference } from '../repositories/uploads.ts';
import type { MirroredClient } from './mirrored-client.ts';
import type { RegistryResponse } from './registry-transport.ts';
import { retrying } from './retrying.ts';

export interface BlobDownloadParts {
  readonly client: Pick<MirroredClient, 'get' | 'hasAnother'>;
  readonly blobs: Pick<BlobStore, 'openWriter'>;
  readonly uploads: Pick<UploadStore, 'add' | 'remove'>;
  readonly clock: Clock;
  readonly attempts: number;
}

/**
 * Fetches one blob into the blob store. What a broken connection (or a killed server) left is continued, not fetched again.
 * Rejects with `validation` when the content is not what the manifest says.
 */
export async function downloadBlob(
  parts: BlobDownloadParts,
  blob: Descriptor,
  onOffset: (offset: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const { clock, attempts, uploads } = parts;
  const uploadId = `pull-${blob.digest.slice('sha256:'.length)}`;
  await uploads.add(uploadId, undefined, clock.now());
  await retrying({ clock, attempts, signal }, (attempt) =>
    continueDownload(parts, uploadId, blob, onOffset, { attempt, signal }),
  );
  await uploads.remove(uploadId);
}

async function continueDownload(
  { client, blobs }: BlobDownloadParts,
  uploadId: string,
  blob: Descriptor,
  onOffset: (offset: number) => void,
  { attempt, signal }: { readonly attempt: number; readonly signal: AbortSignal },
): Promise<void> {
  await using writer = await blobs.openWriter(uploadReference(uploadId));
  const start = writer.offset;
  if (start < blob.sizeBytes) {
    const response = await client.get(`blobs/${blob.digest}`, start > 0 ? { range: `bytes=${start}-` } : {}, {
      attempt,
      signal,
    });
    await receive(writer, response, blob, onOffset, signal);
  }
  try {
    await writer.commit(blob.digest);
  } catch (error) {
    if (!(error instanceof BerthError && error.code === 'validation')) throw error;
    // What was continued may be of two hosts, one of which was right.
    if (start > 0 || client.hasAnother(attempt))
      throw new BerthError('unavailable', `The download of ${blob.digest} went wrong; it starts over.`, {
        cause: error,
      });
    throw new BerthError(
      'validation',
      `The registry sent wrong content for ${blob.digest}: ${error.message}`,
      { cause: error },
    );
  }
}

async function receive(
  writer: BlobWriter,
  response: RegistryResponse,
  blob: Descriptor,
  onOffset: (offset: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let skipBytes = skippedBytes(response, writer.offset);
  const source = response.body[Symbol.asyncIterator]();
  const body = inBatches({ [Symbol.asyncIterator]: () => guarded(source, blob, signal) });
  for await (const batch of body) {
    const fresh = batch.subarray(Math.min(skipBytes, batch.byteLength));
    skipBytes -= batch.byteLength - fresh.byteLength;
    if (writer.offset + fresh.byteLength > blob.sizeBytes) {
      response.body.destroy();
      await writer.abort();
      throw new BerthError(
        'validation',
        `The registry sent more than the ${blob.sizeBytes} bytes that the manifest names for ${blob.digest}.`,
      );
    }
    if (fresh.byteLength > 0) await writer.write(fresh);
    onOffset(writer.offset);
  }
  if (writer.offset < blob.sizeBytes) {
    throw new BerthError(
      'unavailable',
      `The registry sent only ${writer.offset} of the ${blob.sizeBytes} bytes of ${blob.digest}.`,
    );
  }
}

/** A registry that ignores Range sends everything again; what is there already is then passed over. */
function skippedBytes(response: RegistryResponse, offset: number): number {
  if (response.status !== 206) return offset;
  const range = String(response.headers['content-range']);
  const start = Number(/^bytes ([0-9]+)-/.exec(range)?.[1] ?? Number.NaN);
  if (start <= offset) return offset - start;
  response.body.destroy();
  throw new BerthError(
    'unavailable',
    `The registry answered with the range '${range}' when asked from byte ${offset}.`,
  );
}

/** Keeps failures of the network (worth another try) apart from failures of the blob store. */
async function* guarded(
  source: AsyncIterator<Uint8Array>,
  blob: Descriptor,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const next = await nextChunk(source, blob, signal);
      if (next === undefined) return;
      yield next;
    }
  } finally {
    await source.return?.();
  }
}

async function nextChunk(
  source: AsyncIterator<Uint8Array>,
  blob: Descriptor,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    const { done, value } = await source.next();
    return done === true ? undefined : value;
  } catch (error) {
    signal.throwIfAborted();
    throw new BerthError('unavailable', `The download of ${blob.digest} broke off: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
