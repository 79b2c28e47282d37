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
  /** False while another server decides over what is kept: then nothing more is given up. */
  readonly isInCharge: () => boolean;
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

  /** `longestMs` shortens every time of grace, when room is needed. */
  async collect(longestMs = Infinity): Promise<CollectionReport> {
    const { kept, repositories, images, clock } = this.#parts;
    const graceMs = Math.min(this.#parts.graceMs, longestMs);
    const startedAtMs = clock.now();
    const uploadsAborted = await this.#abortIdleUploads(longestMs);
    const inUse = await images.manifestsInUse();
    const manifestsRemoved = await this.#removeUntagged(inUse, longestMs);
    const { isInCharge } = this.#parts;
    const blobsUnlinked = isInCharge() ? await repositories.collectBlobs(startedAtMs - graceMs) : 0;
    const digestsReleased = isInCharge() ? await kept.release(inUse, startedAtMs - graceMs) : 0;
    return { uploadsAborted, manifestsRemoved, blobsUnlinked, digestsReleased };
  }

  async #abortIdleUploads(longestMs: number): Promise<number> {
    const { blobs, uploads, isInCharge, clock, uploadIdleMs } = this.#parts;
    let aborted = 0;
    const idle = await uploads.listIdle(clock.now() - Math.min(uploadIdleMs, longestMs));
    for (const uploadId of idle) {
      if (!isInCharge()) break;
      await using writer = await blobs.openWriter(uploadReference(uploadId));
      await writer.abort();
      await uploads.remove(uploadId);
      aborted += 1;
    }
    return aborted;
  }

  async #removeUntagged(inUse: ReadonlySet<string>, longestMs: number): Promise<number> {
    const { repositories, isInCharge, clock, untaggedMs } = this.#parts;
    const beforeMs = clock.now() - Math.min(untaggedMs, longestMs);
    let removed = 0;
    for (const { repository, digest } of await repositories.listUntagged(beforeMs)) {
      if (!isInCharge()) break;
      if (inUse.has(digest)) continue;
      if (await repositories.removeUntagged(repository, digest, beforeMs, clock.now())) removed += 1;
    }
    return removed;
  }
}
