import { BerthError } from '../shared/errors.ts';
import type { BlobStore } from './blob-store.ts';
import type { Digest } from './digest.ts';
import { maxManifestBytes } from './manifest.ts';

/** A manifest or configuration, whole. Rejects with `not-found`, or `validation` when it is longer than `maxBytes`. */
export async function readBounded(
  blobs: Pick<BlobStore, 'read'>,
  digest: Digest,
  maxBytes = maxManifestBytes,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of blobs.read(digest, 0, maxBytes + 1)) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length > maxBytes) {
      throw new BerthError(
        'validation',
        `The content ${digest} is longer than ${maxBytes} bytes, too long for a manifest or configuration.`,
      );
    }
  }
  return Buffer.concat(chunks);
}
