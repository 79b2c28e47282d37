import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import { type RandomSource, randomText } from '../../shared/ids.ts';
import { inBatches } from '../batches.ts';
import type { BlobInfo, BlobStore, BlobWriter } from '../blob-store.ts';
import type { Digest } from '../digest.ts';
import { KeyedLock } from '../keyed-lock.ts';
import { DistributionError } from './distribution-error.ts';
import type { Repositories } from './repositories.ts';
import type { UploadStore } from './upload-store.ts';

export interface UploadsParts {
  readonly blobs: Pick<BlobStore, 'openWriter'>;
  readonly store: UploadStore;
  readonly repositories: Pick<Repositories, 'link'>;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly maxOpen?: number;
  readonly maxBlobBytes: number;
}

/** What a client said about the bytes it is about to send. */
export interface UploadChunk {
  readonly body: AsyncIterable<Uint8Array>;
  /** Where the bytes belong; by default where the upload stands. */
  readonly start?: number | undefined;
  readonly lengthBytes?: number | undefined;
}

export interface UploadTarget {
  readonly repository: string;
  readonly uploadId: string;
}

/** Uploads of blobs in one or many requests; each survives a restart. Failures are `DistributionError`s. */
export class Uploads {
  readonly #parts: Required<UploadsParts>;
  readonly #locks = new KeyedLock();

  constructor(parts: UploadsParts) {
    this.#parts = { maxOpen: 256, ...parts };
  }

  async begin(repository: string): Promise<string> {
    const { store, random, clock, maxOpen } = this.#parts;
    if ((await store.countOpen()) >= maxOpen) {
      throw new DistributionError(
        'throttled',
        'TOOMANYREQUESTS',
        `${maxOpen} uploads are open already. Finish or cancel some, or try again later.`,
      );
    }
    const uploadId = randomText(random, 32);
    await store.add(uploadId, repository, clock.now());
    return uploadId;
  }

  /** Bytes received so far. */
  offset(target: UploadTarget): Promise<number> {
    return this.#withWriter(target, async (writer) => writer.offset);
  }

  /** Adds bytes; what arrived before a connection broke stays. Returns the bytes received in all. */
  append(target: UploadTarget, chunk: UploadChunk): Promise<number> {
    return this.#withWriter(target, async (writer) => {
      await this.#write(target, writer, chunk);
      return writer.offset;
    });
  }

  /** Adds the last bytes and links the blob. Content with another digest is refused, and the upload is then gone. */
  finish(target: UploadTarget, expected: Digest, chunk: UploadChunk): Promise<BlobInfo> {
    return this.#withWriter(target, async (writer) => {
      await this.#write(target, writer, chunk);
      const info = await this.#commit(target, writer, expected);
      await this.#parts.repositories.link(target.repository, info);
      await this.#parts.store.remove(target.uploadId);
      return info;
    });
  }

  cancel(target: UploadTarget): Promise<void> {
    return this.#withWriter(target, (writer) => this.#drop(target, writer));
  }

  async #withWriter<Result>(
    target: UploadTarget,
    work: (writer: BlobWriter) => Promise<Result>,
  ): Promise<Result> {
    const { store, blobs, clock } = this.#parts;
    if (this.#locks.isHeld(target.uploadId)) {
      throw new DistributionError(
        'conflict',
        'BLOB_UPLOAD_INVALID',
        'Another request is writing this upload. Wait for it to end.',
      );
    }
    return this.#locks.run(target.uploadId, async () => {
      if (!(await store.isOpen(target.uploadId, target.repository))) {
        throw new DistributionError(
          'not-found',
          'BLOB_UPLOAD_UNKNOWN',
          'There is no such upload. Begin a new one.',
        );
      }
      await using writer = await blobs.openWriter(uploadReference(target.uploadId));
      await store.touch(target.uploadId, clock.now());
      return await work(writer);
    });
  }

  async #write(
    target: UploadTarget,
    writer: BlobWriter,
    { body, start, lengthBytes }: UploadChunk,
  ): Promise<void> {
    const { maxBlobBytes } = this.#parts;
    if (start !== undefined && start !== writer.offset) {
      throw new UploadOffsetError(
        writer.offset,
        `The upload stands at ${writer.offset} bytes; the next chunk must start there, not at ${start}.`,
      );
    }
    const endOffset = lengthBytes === undefined ? Infinity : writer.offset + lengthBytes;
    for await (const batch of inBatches(body)) {
      const reached = writer.offset + batch.byteLength;
      if (reached > maxBlobBytes) {
        await this.#drop(target, writer);
        throw new DistributionError(
          'quota-exceeded',
          'SIZE_INVALID',
          `The blob is larger than ${maxBlobBytes} bytes, the most this server takes.`,
        );
      }
      if (reached > endOffset) {
        throw new DistributionError(
          'validation',
          'SIZE_INVALID',
          `The chunk holds more than the ${lengthBytes} bytes of its Content-Range.`,
        );
      }
      await writer.write(batch);
    }
    if (endOffset !== Infinity && writer.offset !== endOffset) {
      throw new DistributionError(
        'validation',
        'SIZE_INVALID',
        `The chunk holds fewer than the ${lengthBytes} bytes of its Content-Range.`,
      );
    }
  }

  async #commit(target: UploadTarget, writer: BlobWriter, expected: Digest): Promise<BlobInfo> {
    try {
      return await writer.commit(expected);
    } catch (error) {
      if (!(error instanceof BerthError && error.code === 'validation')) throw error;
      await this.#parts.store.remove(target.uploadId);
      throw new DistributionError('validation', 'DIGEST_INVALID', error.message, { cause: error });
    }
  }

  async #drop(target: UploadTarget, writer: BlobWriter): Promise<void> {
    await writer.abort();
    await this.#parts.store.remove(target.uploadId);
  }
}

/** A chunk that does not continue where the upload stands. */
export class UploadOffsetError extends DistributionError {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super('validation', 'BLOB_UPLOAD_INVALID', message);
    this.offset = offset;
  }
}

/** The name of a client's upload in the blob store. */
export function uploadReference(uploadId: string): string {
  return `upload-${uploadId}`;
}
