import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Digest } from '../digest.ts';
import { mediaTypes } from '../media-types.ts';
import type { Platform } from '../platform.ts';

export interface SampleBlob {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** Of its descriptor. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface SampleImage {
  readonly manifest: SampleBlob;
  readonly config: SampleBlob;
  readonly layers: readonly SampleBlob[];
  readonly blobs: readonly SampleBlob[];
}

export interface SampleLayer {
  readonly blob: SampleBlob;
  /** Digest of the tar inside. */
  readonly diffId: Digest;
}

export interface SampleOptions {
  readonly platform?: Platform;
  /** Content of each layer; layers are real, gzipped tars of one file. */
  readonly files?: readonly string[];
  /** In place of those of `files`. */
  readonly layers?: readonly SampleLayer[];
  /** Members of the configuration's `config`. */
  readonly process?: Readonly<Record<string, unknown>>;
}

/** A small image that tools accept. */
export function makeSampleImage({
  platform,
  files = ['one', 'two'],
  layers: made = files.map((content, at) => makeLayer(`file-${at}`, content)),
  process: settings,
}: SampleOptions = {}): SampleImage {
  const layers = made.map(({ blob }) => blob);
  const config = toBlob(
    jsonBytes({
      ...(platform ?? { os: 'linux', architecture: 'amd64' }),
      config: settings ?? { Cmd: ['/agent'], Env: ['PATH=/bin'], WorkingDir: '/work', User: 'agent' },
      rootfs: { type: 'layers', diff_ids: made.map(({ diffId }) => diffId) },
    }),
    'application/vnd.oci.image.config.v1+json',
  );
  const manifest = toBlob(
    jsonBytes({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: describe(config),
      layers: layers.map(describe),
    }),
    mediaTypes.ociManifest,
  );
  return { manifest, config, layers, blobs: [config, ...layers] };
}

function makeLayer(name: string, content: string): SampleLayer {
  const tar = tarOf(name, Buffer.from(content));
  return {
    blob: toBlob(gzipSync(tar), 'application/vnd.oci.image.layer.v1.tar+gzip'),
    diffId: digestOf(tar),
  };
}

export function makeSampleIndex(images: readonly { image: SampleImage; platform: Platform }[]): SampleBlob {
  const manifests = images.map(({ image, platform }) => ({ ...describe(image.manifest), platform }));
  return toBlob(
    jsonBytes({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
    mediaTypes.ociIndex,
  );
}

/** Writes an OCI layout that names `top`. */
export async function writeLayout(
  folder: string,
  top: SampleBlob,
  content: readonly SampleBlob[],
): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [describe(top)] }),
  );
  for (const { digest, bytes } of [top, ...content]) await writeFile(join(blobs, digest.slice(7)), bytes);
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function toBlob(bytes: Uint8Array, mediaType: string): SampleBlob {
  return { digest: digestOf(bytes), bytes, mediaType };
}

export function describe({ mediaType, digest, bytes, annotations }: SampleBlob) {
  return { mediaType, digest, size: bytes.byteLength, ...(annotations && { annotations }) };
}

export function jsonBytes(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document));
}

function tarOf(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.byteLength.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.byteLength % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}
