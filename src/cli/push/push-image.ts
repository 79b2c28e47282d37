import { createHash } from 'node:crypto';
import { CliError } from '../cli-error.ts';
import type { Descriptor, ImageLayout } from './image-layout.ts';
import type { RegistryClient } from './registry-client.ts';

export interface PushProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface Push {
  readonly registry: Pick<RegistryClient, 'send'>;
  readonly repository: string;
  readonly tag: string;
  readonly layout: ImageLayout;
  onProgress(progress: PushProgress): void;
}

interface ReadyManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly digest: string;
}

/** Pushes an image, or every image of an index that is complete here, and returns the digest under which the tag now is. */
export async function pushImage(push: Push): Promise<string> {
  const manifests: ReadyManifest[] = [];
  const blobs = new Map<string, Descriptor>();
  await collect(push.layout, push.layout.root, manifests, blobs);
  const totalBytes = [...blobs.values()].reduce((sum, blob) => sum + blob.size, 0);
  let doneBytes = 0;
  push.onProgress({ doneBytes, totalBytes });
  for (const blob of blobs.values()) {
    await pushBlob(push, blob, (count) => push.onProgress({ doneBytes: doneBytes + count, totalBytes }));
    doneBytes += blob.size;
    push.onProgress({ doneBytes, totalBytes });
  }
  const root = manifests.at(-1);
  if (root === undefined) throw new CliError('The image has no manifest.');
  for (const manifest of manifests) {
    await push.registry.send({
      method: 'PUT',
      url: `/v2/${push.repository}/manifests/${manifest === root ? push.tag : manifest.digest}`,
      headers: { 'content-type': manifest.mediaType },
      body: manifest.bytes,
    });
  }
  return root.digest;
}

/** Children come before what refers to them. */
async function collect(
  layout: ImageLayout,
  descriptor: Descriptor,
  manifests: ReadyManifest[],
  blobs: Map<string, Descriptor>,
): Promise<void> {
  const { bytes, manifest } = await layout.readManifest(descriptor);
  if (manifest.manifests === undefined) {
    for (const blob of [manifest.config, ...(manifest.layers ?? [])]) {
      if (blob === undefined) continue;
      if (!(await layout.has(blob))) throw new CliError(`The image lacks its content ${blob.digest}.`);
      blobs.set(blob.digest, blob);
    }
    manifests.push({
      bytes,
      mediaType: manifest.mediaType ?? descriptor.mediaType,
      digest: descriptor.digest,
    });
    return;
  }
  // `docker save` writes the index of all platforms but the content of one: what is not here is left out.
  const complete: Descriptor[] = [];
  for (const child of manifest.manifests) if (await isComplete(layout, child)) complete.push(child);
  if (complete.length === 0) throw new CliError('The image holds the content of no platform.');
  for (const child of complete) await collect(layout, child, manifests, blobs);
  if (complete.length === manifest.manifests.length) {
    manifests.push({
      bytes,
      mediaType: manifest.mediaType ?? descriptor.mediaType,
      digest: descriptor.digest,
    });
  } else {
    manifests.push(
      withBytes({ ...manifest, manifests: complete }, manifest.mediaType ?? descriptor.mediaType),
    );
  }
}

async function isComplete(layout: ImageLayout, descriptor: Descriptor): Promise<boolean> {
  if (!(await layout.has(descriptor))) return false;
  const { manifest } = await layout.readManifest(descriptor);
  const parts = [manifest.config, ...(manifest.layers ?? [])].filter((part) => part !== undefined);
  for (const part of parts) if (!(await layout.has(part))) return false;
  return true;
}

function withBytes(manifest: object, mediaType: string): ReadyManifest {
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { bytes, mediaType, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

async function pushBlob(push: Push, blob: Descriptor, onBytes: (count: number) => void): Promise<void> {
  const base = `/v2/${push.repository}/blobs`;
  const found = await push.registry.send({ method: 'HEAD', url: `${base}/${blob.digest}` });
  if (found.status !== 404) return;
  const { location } = await push.registry.send({
    method: 'POST',
    url: `${base}/uploads/`,
    headers: { 'content-length': '0' },
  });
  if (location === undefined) throw new CliError('The registry opened an upload without saying where.');
  await push.registry.send({
    method: 'PUT',
    url: `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(blob.digest)}`,
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) },
    body: () => {
      let count = 0;
      return push.layout.open(blob.digest).on('data', (chunk) => {
        count += chunk.length;
        onBytes(count);
      });
    },
  });
}
