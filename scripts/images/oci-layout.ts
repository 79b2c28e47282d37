import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** A gzipped layer on disk. */
export interface Layer {
  readonly file: string;
  readonly digest: string;
  /** Digest of the tar inside. */
  readonly diffId: string;
  readonly sizeBytes: number;
}

export interface ImageSettings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly user: string;
}

/** Compresses a tar file into a layer beside it. */
export async function makeLayer(tarFile: string): Promise<Layer> {
  const file = `${tarFile}.gz`;
  await pipeline(createReadStream(tarFile), createGzip({ level: 1 }), createWriteStream(file));
  const [diffId, digest, { size }] = await Promise.all([digestOf(tarFile), digestOf(file), stat(file)]);
  return { file, digest, diffId, sizeBytes: size };
}

/** Writes an OCI image layout with one image, replacing what `directory` held. */
export async function writeOciLayout(
  directory: string,
  layers: readonly Layer[],
  settings: ImageSettings,
): Promise<void> {
  const draft = `${directory}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(join(draft, 'blobs/sha256'), { recursive: true });

  for (const layer of layers) await copyFile(layer.file, blobPath(draft, layer.digest));
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const config = await writeBlob(draft, {
    architecture,
    os: 'linux',
    config: {
      Env: Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', ...settings.environment }).map((pair) =>
        pair.join('='),
      ),
      Cmd: settings.command,
      WorkingDir: settings.workingDirectory,
      User: settings.user,
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
  });
  const manifest = await writeBlob(draft, {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: layers.map(({ digest, sizeBytes }) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest,
      size: sizeBytes,
    })),
  });
  await writeFile(join(draft, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    join(draft, 'index.json'),
    JSON.stringify({
      schemaVersion: 2,
      manifests: [
        {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          ...manifest,
          platform: { os: 'linux', architecture },
          annotations: { 'org.opencontainers.image.ref.name': 'latest' },
        },
      ],
    }),
  );
  await rm(directory, { recursive: true, force: true });
  await rename(draft, directory);
}

async function writeBlob(directory: string, content: unknown): Promise<{ digest: string; size: number }> {
  const bytes = Buffer.from(JSON.stringify(content));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await writeFile(blobPath(directory, digest), bytes);
  return { digest, size: bytes.length };
}

function blobPath(directory: string, digest: string): string {
  return join(directory, 'blobs/sha256', digest.replace('sha256:', ''));
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}
