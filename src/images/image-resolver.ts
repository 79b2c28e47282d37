import { BerthError } from '../shared/errors.ts';
import type { BlobStore } from './blob-store.ts';
import type { ImageResolver, PlatformsOf, ResolvedImage } from './image.ts';
import { type ImageContent, readImage } from './image-config.ts';
import type { KeptContent } from './kept-content.ts';
import { parseManifest } from './manifest.ts';
import { describePlatform, requirePlatform, selectPlatform } from './platform.ts';
import type { ImagePuller } from './pull/image-puller.ts';
import { readBounded } from './read-bounded.ts';
import {
  formatReference,
  type ImageReference,
  isLocal,
  type LocalNames,
  parseReference,
} from './reference.ts';
import type { Repositories } from './repositories/repositories.ts';

export interface ImageResolverParts {
  readonly blobs: Pick<BlobStore, 'read' | 'find'>;
  readonly kept: Pick<KeptContent, 'keep'>;
  readonly repositories: Pick<Repositories, 'findManifest'>;
  readonly puller: Pick<ImagePuller, 'pull'>;
  readonly localNames: LocalNames;
  readonly platformsOf: PlatformsOf;
}

/** From this server's own repositories, or pulled from another registry. */
export function createImageResolver(parts: ImageResolverParts): ImageResolver {
  return {
    async resolve(containerUri, options = {}) {
      const reference = parseReference(containerUri);
      const { content, isWhole } = isLocal(reference, parts.localNames)
        ? { content: await resolveLocal(parts, reference, options.isolation), isWhole: true }
        : await parts.puller.pull(reference, options);
      return toResolvedImage(content, reference, isWhole);
    },
  };
}

async function resolveLocal(
  parts: ImageResolverParts,
  reference: ImageReference,
  isolation: string | undefined,
): Promise<ImageContent> {
  const { repositories, blobs, kept } = parts;
  const platforms = await parts.platformsOf(isolation);
  const { repository, tag, digest } = reference;
  const found = await repositories.findManifest(repository, digest ?? tag ?? 'latest');
  const manifest = parseManifest(await readBounded(blobs, found.digest), found.mediaType);
  const chosen =
    manifest.kind === 'image'
      ? found.digest
      : selectPlatform(manifest, platforms, formatReference(reference)).digest;
  const content = await readImage(blobs, chosen);
  requirePlatform(content.platform, platforms, formatReference(reference));
  await kept.keep(chosen);
  for (const layer of content.layers) {
    if ((await blobs.find(layer.digest)) !== undefined) continue;
    throw new BerthError(
      'not-found',
      `The image ${formatReference(reference)} lacks its layer ${layer.digest}. Push it again.`,
    );
  }
  return content;
}

function toResolvedImage(
  { manifest, platform, sizeBytes }: ImageContent,
  from: ImageReference,
  isWhole: boolean,
): ResolvedImage {
  const reference = formatReference({ ...from, tag: undefined, digest: manifest });
  return { manifest, platform: describePlatform(platform), sizeBytes, reference, isWhole };
}
