import { posix } from 'node:path';
import { z } from 'zod';
import { BerthError, messageOf } from '../shared/errors.ts';
import type { BlobStore } from './blob-store.ts';
import type { Digest } from './digest.ts';
import { isDigest } from './digest.ts';
import { type ImageManifest, parseManifest } from './manifest.ts';
import { isImageConfigMediaType, type LayerCompression, layerCompression } from './media-types.ts';
import type { Platform } from './platform.ts';
import { readBounded } from './read-bounded.ts';

export interface ImageLayer {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly compression: LayerCompression;
  readonly sizeBytes: number;
  /** Digest of the layer's uncompressed tar. */
  readonly diffId: Digest;
  /** Of an eStargz layer: digest of its table of contents, which has that of every piece of its files. */
  readonly tocDigest: Digest | undefined;
}

/** What a platform's manifest and configuration say, checked against each other. */
export interface ImageContent {
  readonly manifest: Digest;
  readonly config: Digest;
  readonly platform: Platform;
  /** `NAME=value`, in the image's order. */
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** As written: a name, a number, `user:group`, or empty for root. */
  readonly user: string;
  /** Absolute, or empty for `/`. */
  readonly workingDir: string;
  readonly stopSignal: string | undefined;
  /** Lowest first. */
  readonly layers: readonly ImageLayer[];
  /** Manifest, configuration and layers as stored. */
  readonly sizeBytes: number;
}

/** Rejects with `not-found` when content is missing, `validation` when it is no runnable image. */
export async function readImage(blobs: Pick<BlobStore, 'read'>, manifest: Digest): Promise<ImageContent> {
  const bytes = await readBounded(blobs, manifest);
  const parsed = parseManifest(bytes);
  if (parsed.kind === 'index') throw refused(manifest, 'it is an index of several images, not one image');
  const config = await readBounded(blobs, parsed.config.digest);
  return toImageContent(manifest, bytes.byteLength, parsed, config);
}

/** The same from content in hand, before the layers are there. */
export function toImageContent(
  manifest: Digest,
  manifestBytes: number,
  parsed: ImageManifest,
  configBytes: Uint8Array,
): ImageContent {
  if (!isImageConfigMediaType(parsed.config.mediaType)) {
    throw refused(
      manifest,
      `its configuration is a ${parsed.config.mediaType}, so it is not a container image`,
    );
  }
  const config = parseConfig(manifest, configBytes);
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== parsed.layers.length) {
    throw refused(
      manifest,
      `it has ${parsed.layers.length} layers but its configuration names ${diffIds.length}`,
    );
  }
  const layers = parsed.layers.map((layer, at): ImageLayer => {
    const compression = layerCompression(layer.mediaType);
    const diffId = diffIds[at];
    if (compression === undefined || diffId === undefined) {
      throw refused(manifest, `layer ${at + 1} is a ${layer.mediaType}, which this server cannot unpack`);
    }
    const toc = layer.annotations[tocAnnotation];
    return {
      digest: layer.digest,
      mediaType: layer.mediaType,
      compression,
      sizeBytes: layer.sizeBytes,
      diffId,
      tocDigest: toc !== undefined && isDigest(toc) ? toc : undefined,
    };
  });
  const process = config.config ?? {};
  return {
    manifest,
    config: parsed.config.digest,
    platform: { os: config.os, architecture: config.architecture, variant: config.variant },
    env: process.Env ?? [],
    entrypoint: process.Entrypoint ?? [],
    cmd: process.Cmd ?? [],
    user: process.User ?? '',
    workingDir: process.WorkingDir ?? '',
    stopSignal: process.StopSignal === '' ? undefined : process.StopSignal,
    layers,
    sizeBytes: layers.reduce((sum, layer) => sum + layer.sizeBytes, manifestBytes + parsed.config.sizeBytes),
  };
}

/** Of eStargz (stargz-snapshotter, docs/estargz.md). */
const tocAnnotation = 'containerd.io/snapshot/stargz/toc.digest';
const clean = z.string().refine((text) => !text.includes('\0'), 'holds a NUL character');
const words = z.array(clean).nullish();
const configSchema = z.object({
  os: z.string().default('linux'),
  architecture: z.string(),
  variant: z.string().optional(),
  config: z
    .object({
      Env: z.array(clean.refine((text) => text.indexOf('=') > 0, 'is not NAME=value')).nullish(),
      Entrypoint: words,
      Cmd: words,
      User: clean.optional(),
      WorkingDir: clean
        .refine((path) => path === '' || path.startsWith('/'), 'is not absolute')
        // Where a descriptor of the engine could be reached by its number (as in CVE-2024-21626).
        .refine(
          (path) => !/^\/(proc|sys|dev)(\/|$)/.test(posix.normalize(path)),
          'is in a file system of the kernel',
        )
        .optional(),
      StopSignal: z.string().optional(),
    })
    .nullish(),
  rootfs: z
    .object({ diff_ids: z.array(z.string().refine(isDigest, 'is not a sha256 digest')).nullish() })
    .transform(({ diff_ids }) => ({ diff_ids: diff_ids ?? [] })),
});

function parseConfig(manifest: Digest, bytes: Uint8Array): z.infer<typeof configSchema> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw refused(manifest, `its configuration is not JSON (${messageOf(error)})`, error);
  }
  const parsed = configSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refused(
    manifest,
    `its configuration is wrong at ${issue?.path.join('.') ?? 'the top'}: ${issue?.message ?? ''}`,
  );
}

function refused(manifest: Digest, problem: string, cause?: unknown): BerthError {
  return new BerthError('validation', `The image ${manifest} cannot be used: ${problem}.`, { cause });
}
