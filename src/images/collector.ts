import type { Clock } from '../shared/clock.ts';
import type { BlobStore } from './blob-store.ts';
import type { KeptContent } from './kept-content.ts';
import type { RepositoryStore } from './repositories/repository-store.ts';
import type { UploadStore } from './repositories/upload-store.ts';
import { uploadReference } from './repositories/uploads.ts';

/** Images that versions and live sandboxes run. */
export interface ImagesInUse {
  /** Digests of platform manifests, those of versions that are being created included as soon as they are known. */
  manifestsInUse(): Promise<ReadonlySet<string>>;
}

export interface CollectorParts {
  readonly blobs: Pick<BlobStore, 'openWriter'>;
  readonly kept: Pick<KeptContent, 'release'>;
  readonly repositories: Pick<RepositoryStore, 'collectBlobs' | 'listUntagged' | 'removeUntagged'>;
  readonly uploads: Pick<UploadStore, 'listIdle' | 'remove'>;
  readonly images: ImagesInUse;
  readonly clock: Clock;
  /** For blobs that wait for their manifest, and images that wait for their version. */
  readonly graceMs?: number;
  /** For images that lost their last tag. */
  readonly untaggedMs?: number;
  readonly uploadIdleMs?: number;
}

export interface CollectionReport {
  readonly uploadsAborted: number;
  readonly manifestsRemoved: number;
  readonly blobsUnlinked: number;
  /** The blob store frees them by itself. */
  readonly digestsReleased: number;
}

const hourMs = 3_600_000;

/** Gives up content that nothing refers to any more; content in use is never touched. */
export class Collector {
  readonly #parts: Required<CollectorParts>;

  constructor(parts: CollectorParts) {
    this.#parts = { graceMs: 24 * hourMs, untaggedMs: 7 * 24 * hourMs, uploadIdleMs: 24 * hourMs, ...parts };
  }

  async collect(): Promise<CollectionReport> {
    const { kept, repositories, images, clock, graceMs } = this.#parts;
    const startedAtMs = clock.now();
    const uploadsAborted = await this.#abortIdleUploads();
    const inUse = await images.manifestsInUse();
    const manifestsRemoved = await this.#removeUntagged(inUse);
    const blobsUnlinked = await repositories.collectBlobs(startedAtMs - graceMs);
    const digestsReleased = await kept.release(inUse, startedAtMs - graceMs);
    return { uploadsAborted, manifestsRemoved, blobsUnlinked, digestsReleased };
  }

  async #abortIdleUploads(): Promise<number> {
    const { blobs, uploads, clock, uploadIdleMs } = this.#parts;
    const idle = await uploads.listIdle(clock.now() - uploadIdleMs);
    for (const uploadId of idle) {
      await using writer = await blobs.openWriter(uploadReference(uploadId));
      await writer.abort();
      await uploads.remove(uploadId);
    }
    return idle.length;
  }

  async #removeUntagged(inUse: ReadonlySet<string>): Promise<number> {
    const { repositories, clock, untaggedMs } = this.#parts;
    const beforeMs = clock.now() - untaggedMs;
    let removed = 0;
    for (const { repository, digest } of await repositories.listUntagged(beforeMs)) {
      if (inUse.has(digest)) continue;
      if (await repositories.removeUntagged(repository, digest, beforeMs, clock.now())) removed += 1;
    }
    return removed;
  }
}
