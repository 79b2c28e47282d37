import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import { type RandomSource, randomText } from '../../shared/ids.ts';
import type { Steps } from '../../shared/steps.ts';
import type { BlobStore } from '../blob-store.ts';
import type { Digest } from '../digest.ts';
import type { PlatformsOf, ResolveProgress } from '../image.ts';
import { type ImageContent, toImageContent } from '../image-config.ts';
import { KeyedLock } from '../keyed-lock.ts';
import type { KeptContent } from '../kept-content.ts';
import {
  type Descriptor,
  type ImageManifest,
  maxManifestBytes,
  parseManifest,
  requiredContent,
} from '../manifest.ts';
import { isManifestMediaType, mediaTypes } from '../media-types.ts';
import { type Platform, requirePlatform, selectPlatform } from '../platform.ts';
import { readBounded } from '../read-bounded.ts';
import { formatReference, type ImageReference } from '../reference.ts';
import type { UploadStore } from '../repositories/upload-store.ts';
import { downloadBlob } from './blob-download.ts';
import { inParallel } from './in-parallel.ts';
import { readResponse } from './read-response.ts';
import type { MirroredClient } from './mirrored-client.ts';
import { openClient, type OpenClientParts } from './open-client.ts';
import { retrying } from './retrying.ts';

export interface ImagePullerParts extends OpenClientParts {
  readonly blobs: BlobStore;
  readonly kept: Pick<KeptContent, 'keep'>;
  readonly uploads: Pick<UploadStore, 'add' | 'remove'>;
  readonly platformsOf: PlatformsOf;
  readonly events: PullEvents;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Of one image as stored in the registry. */
  readonly maxImageBytes: number;
  readonly attempts?: number;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

export interface PullEvents {
  imagePulled(image: {
    readonly reference: string;
    readonly digest: string;
    readonly sizeBytes: number;
    readonly durationMs: number;
  }): void;
}

export interface PullOptions {
  readonly onProgress?: ((progress: ResolveProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Leaves layers where they are, when all of them can be read piece by piece. */
  readonly isLazy?: boolean | undefined;
  readonly isolation?: string | undefined;
}

export interface PulledImage {
  readonly content: ImageContent;
  /** False: its layers were left where they are. */
  readonly isWhole: boolean;
}

const parallelDownloads = 3;

interface FetchedManifest {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
}

/** Brings images of other registries into the blob store: only the needed platform, only what is not there yet. */
export class ImagePuller {
  readonly #parts: ImagePullerParts & { readonly attempts: number };
  readonly #locks = new KeyedLock();

  constructor(parts: ImagePullerParts) {
    this.#parts = { attempts: 5, ...parts };
  }

  /** Failures are those of `ImageResolver`. */
  async pull(
    reference: ImageReference,
    { onProgress = () => {}, signal, isLazy = false, isolation }: PullOptions = {},
  ): Promise<PulledImage> {
    const { blobs, kept, events, clock, steps } = this.#parts;
    const platforms = await this.#parts.platformsOf(isolation);
    const startedAtMs = clock.now();
    const name = formatReference(reference);
    const client = await openClient(this.#parts, reference);

    onProgress({ phase: 'resolving', doneBytes: 0, totalBytes: 0 });
    const fetched = await this.#fetchImageManifest(client, reference, platforms, signal);
    const manifest = fetched.manifest;
    const totalBytes = this.#requireSize(manifest, name);
    const offsets = new Map<Digest, number>();
    const report = (digest: Digest, offset: number) => {
      offsets.set(digest, offset);
      onProgress({
        phase: 'pulling',
        doneBytes: [...offsets.values()].reduce((sum, bytes) => sum + bytes, 0),
        totalBytes,
      });
    };
    const fetchBlob = (blob: Descriptor, blobSignal: AbortSignal) =>
      this.#fetchBlob(client, blob, (offset) => report(blob.digest, offset), blobSignal);

    await inParallel([manifest.config], 1, signal, fetchBlob);
    steps?.reached('pull:config-written');
    const config = await readBounded(blobs, manifest.config.digest);
    const content = toImageContent(fetched.digest, fetched.bytes.byteLength, manifest, config);
    requirePlatform(content.platform, platforms, name);
    const layers = [...new Map(manifest.layers.map((layer) => [layer.digest, layer])).values()];
    const isWhole = !(isLazy && content.layers.every(({ tocDigest }) => tocDigest !== undefined));
    if (isWhole) await inParallel(layers, parallelDownloads, signal, fetchBlob);
    steps?.reached('pull:layers-written');

    await this.#write(fetched);
    steps?.reached('pull:manifest-written');
    await kept.keep(content.manifest);
    steps?.reached('pull:kept');
    await blobs.setReferences(content.manifest, [content.config, ...layers.map((layer) => layer.digest)]);
    steps?.reached('pull:referenced');
    if (!isWhole) return { content, isWhole };
    const { manifest: digest, sizeBytes } = content;
    events.imagePulled({ reference: name, digest, sizeBytes, durationMs: clock.now() - startedAtMs });
    return { content, isWhole };
  }

  async #fetchImageManifest(
    client: MirroredClient,
    reference: ImageReference,
    platforms: readonly Platform[],
    signal: AbortSignal | undefined,
  ): Promise<FetchedManifest & { readonly manifest: ImageManifest }> {
    const first = await this.#fetchManifest(
      client,
      reference.digest ?? reference.tag ?? 'latest',
      reference.digest,
      signal,
    );
    const parsed = parseManifest(first.bytes, first.contentType);
    if (parsed.kind === 'image') return { ...first, manifest: parsed };
    const chosen = selectPlatform(parsed, platforms, formatReference(reference));
    const second = await this.#fetchManifest(client, chosen.digest, chosen.digest, signal);
    const manifest = parseManifest(second.bytes, second.contentType);
    if (manifest.kind === 'image') return { ...second, manifest };
    throw new BerthError(
      'validation',
      `The image ${formatReference(reference)} is an index of indexes, which Berth does not follow.`,
    );
  }

  #fetchManifest(
    client: MirroredClient,
    reference: string,
    expected: Digest | undefined,
    signal: AbortSignal | undefined,
  ): Promise<FetchedManifest> {
    const { clock, attempts } = this.#parts;
    const headers = { accept: Object.values(mediaTypes).join(', ') };
    return retrying({ clock, attempts, signal }, async (attempt) => {
      const response = await client.get(`manifests/${reference}`, headers, { attempt, signal });
      const contentType =
        String(response.headers['content-type'] ?? '')
          .split(';')[0]
          ?.trim() ?? '';
      const bytes = await readResponse(response, maxManifestBytes);
      const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      if (expected !== undefined && digest !== expected) {
        throw new BerthError(
          client.hasAnother(attempt) ? 'unavailable' : 'validation',
          `The registry sent a manifest with the digest ${digest}, not ${expected}.`,
        );
      }
      return { digest, bytes, contentType: isManifestMediaType(contentType) ? contentType : undefined };
    });
  }

  #requireSize(manifest: ImageManifest, name: string): number {
    const { maxImageBytes } = this.#parts;
    const totalBytes = [manifest.config, ...manifest.layers].reduce((sum, part) => sum + part.sizeBytes, 0);
    if (
      manifest.config.sizeBytes > maxManifestBytes ||
      requiredContent(manifest).length < manifest.layers.length + 1
    ) {
      throw new BerthError(
        'validation',
        `The image ${name} cannot be used: its configuration is too long or a layer may not be distributed.`,
      );
    }
    if (totalBytes <= maxImageBytes) return totalBytes;
    throw new BerthError(
      'validation',
      `The image ${name} has ${totalBytes} bytes, more than the ${maxImageBytes} that this server takes.`,
    );
  }

  /** One download per blob, however many images ask for it. */
  #fetchBlob(
    client: MirroredClient,
    blob: Descriptor,
    onOffset: (offset: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { blobs, kept, uploads, clock, attempts } = this.#parts;
    return this.#locks.run(blob.digest, async () => {
      signal.throwIfAborted();
      if (!(await this.#keepExisting(blob.digest))) {
        await downloadBlob({ client, blobs, uploads, clock, attempts }, blob, onOffset, signal);
        await kept.keep(blob.digest);
      }
      onOffset(blob.sizeBytes);
    });
  }

  /** Found content may be collected until it is pinned, so it is looked for by pinning it. */
  async #keepExisting(digest: Digest): Promise<boolean> {
    const { blobs, kept } = this.#parts;
    if ((await blobs.find(digest)) === undefined) return false;
    try {
      await kept.keep(digest);
      return true;
    } catch (error) {
      if (error instanceof BerthError && error.code === 'not-found') return false;
      throw error;
    }
  }

  async #write({ digest, bytes }: FetchedManifest): Promise<void> {
    const { blobs, random } = this.#parts;
    await using writer = await blobs.openWriter(`manifest-${randomText(random, 16)}-${digest.slice(7)}`);
    await writer.write(bytes);
    await writer.commit(digest);
  }
}
