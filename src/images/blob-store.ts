import type { Digest } from './digest.ts';

export interface BlobInfo {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** An upload that survives a restart under its reference. */
export interface BlobWriter extends AsyncDisposable {
  /** Bytes accepted so far. */
  readonly offset: number;
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Makes the content available under its digest. Rejects with `validation` when the bytes have another digest; the upload is
   * then gone. Content that is there already is a success. New content stays for ten minutes at least without a pin, so that
   * the caller can pin or refer to it.
   */
  commit(expected: Digest): Promise<BlobInfo>;
  /** Gives the upload up and frees its space. Idempotent. */
  abort(): Promise<void>;
  /** Lets go of an upload without ending it: it can be opened again. After `commit` or `abort` it does nothing. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Content by digest: image layers, configurations and manifests now; code archives, specs and recordings later. Content
 * without a reference is collected; `pin` and `setReferences` are what keeps it.
 */
export interface BlobStore {
  find(digest: Digest): Promise<BlobInfo | undefined>;
  /** From `offset`, at most `length` bytes. Rejects with `not-found`. */
  read(digest: Digest, offset?: number, length?: number): AsyncIterable<Uint8Array>;
  /** Opens the upload `reference`, at the offset it had reached. */
  openWriter(reference: string): Promise<BlobWriter>;
  /** The content `from` keeps `to` alive (a manifest its layers), beside the references set before. */
  setReferences(from: Digest, to: readonly Digest[]): Promise<void>;
  /** A pinned blob stays, with all it refers to, until it is unpinned. Idempotent. Rejects with `not-found`. */
  pin(digest: Digest): Promise<void>;
  /** Idempotent, also for content that is gone. */
  unpin(digest: Digest): Promise<void>;
}
