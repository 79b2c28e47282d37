import { createHash } from 'node:crypto';
import { BerthError } from '../../shared/errors.ts';
import type { BlobInfo, BlobStore, BlobWriter } from '../blob-store.ts';
import type { Digest } from '../digest.ts';

/** A whole blob store in memory, for tests. `collect` does what the engine's collector does by itself. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<Digest, Buffer>();
  readonly #uploads = new Map<string, Buffer[]>();
  readonly #references = new Map<Digest, Set<Digest>>();
  readonly #pins = new Set<Digest>();

  async find(digest: Digest): Promise<BlobInfo | undefined> {
    const blob = this.#blobs.get(digest);
    return blob === undefined ? undefined : { digest, sizeBytes: blob.byteLength };
  }

  async *read(digest: Digest, offset = 0, length = Number.MAX_SAFE_INTEGER): AsyncIterable<Uint8Array> {
    const blob = this.#blobs.get(digest);
    if (blob === undefined) throw missing(digest);
    const chunkBytes = 64 * 1024;
    const end = Math.min(blob.byteLength, offset + length);
    for (let at = offset; at < end; at += chunkBytes) yield blob.subarray(at, Math.min(end, at + chunkBytes));
  }

  async openWriter(reference: string): Promise<BlobWriter> {
    const chunks = this.#uploads.get(reference) ?? [];
    this.#uploads.set(reference, chunks);
    const uploads = this.#uploads;
    const blobs = this.#blobs;
    return {
      get offset() {
        return chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
      },
      async write(chunk) {
        chunks.push(Buffer.from(chunk));
      },
      async commit(expected) {
        const content = Buffer.concat(chunks);
        uploads.delete(reference);
        const actual = `sha256:${createHash('sha256').update(content).digest('hex')}`;
        if (actual !== expected) {
          throw new BerthError('validation', `The content has the digest ${actual}, not ${expected}.`);
        }
        blobs.set(expected, content);
        return { digest: expected, sizeBytes: content.byteLength };
      },
      async abort() {
        uploads.delete(reference);
      },
      async [Symbol.asyncDispose]() {},
    };
  }

  async setReferences(from: Digest, to: readonly Digest[]): Promise<void> {
    if (!this.#blobs.has(from)) throw missing(from);
    this.#references.set(from, new Set([...(this.#references.get(from) ?? []), ...to]));
  }

  async pin(digest: Digest): Promise<void> {
    if (!this.#blobs.has(digest)) throw missing(digest);
    this.#pins.add(digest);
  }

  async unpin(digest: Digest): Promise<void> {
    this.#pins.delete(digest);
  }

  collect(): void {
    const kept = new Set<Digest>();
    const pending = [...this.#pins];
    for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
      if (kept.has(digest)) continue;
      kept.add(digest);
      pending.push(...(this.#references.get(digest) ?? []));
    }
    for (const digest of this.#blobs.keys()) {
      if (kept.has(digest)) continue;
      this.#blobs.delete(digest);
      this.#references.delete(digest);
    }
  }

  get openUploads(): readonly string[] {
    return [...this.#uploads.keys()];
  }

  /** Of uploads that are still open. */
  get receivedBytes(): number {
    return [...this.#uploads.values()].flat().reduce((sum, chunk) => sum + chunk.byteLength, 0);
  }

  get digests(): readonly Digest[] {
    return [...this.#blobs.keys()];
  }
}

function missing(digest: Digest): BerthError {
  return new BerthError('not-found', `There is no content ${digest}.`);
}
