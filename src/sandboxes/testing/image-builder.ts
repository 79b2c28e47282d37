import { createHash } from 'node:crypto';
import type { BlobStore } from '../../images/blob-store.ts';
import type { Digest } from '../../images/digest.ts';
import { hostPlatform } from '../../images/platform.ts';
import { type TarEntry, tarPieces } from './tar.ts';

export interface StoredLayer {
  readonly digest: Digest;
  readonly size: number;
}

export async function putLayer(blobs: BlobStore, entries: readonly TarEntry[]): Promise<StoredLayer> {
  const pieces = tarPieces(entries);
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  const digest: Digest = `sha256:${hash.digest('hex')}`;
  return { digest, size: await put(blobs, digest, pieces) };
}

/** Stores an image of uncompressed layers, pinned. `settings` are the members of the configuration's `config`. */
export async function putImage(
  blobs: BlobStore,
  layers: readonly StoredLayer[],
  settings: Readonly<Record<string, unknown>>,
  diffIds: readonly Digest[] = layers.map(({ digest }) => digest),
): Promise<Digest> {
  const { os, architecture } = hostPlatform();
  const config = await putJson(blobs, {
    os,
    architecture,
    config: settings,
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
  const manifest = await putJson(blobs, {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: layers.map((layer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer })),
  });
  await blobs.setReferences(manifest.digest, [config.digest, ...layers.map(({ digest }) => digest)]);
  await blobs.pin(manifest.digest);
  return manifest.digest;
}

async function putJson(blobs: BlobStore, value: unknown): Promise<StoredLayer> {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { digest, size: await put(blobs, digest, [bytes]) };
}

async function put(blobs: BlobStore, digest: Digest, pieces: readonly Uint8Array[]): Promise<number> {
  const known = await blobs.find(digest);
  if (known !== undefined) return known.sizeBytes;
  await using writer = await blobs.openWriter(`test-${digest}`);
  for (const piece of pieces) await writer.write(piece);
  return (await writer.commit(digest)).sizeBytes;
}
