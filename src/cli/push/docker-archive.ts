import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';

const manifestSchema = z
  .array(
    z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()) }),
  )
  .min(1);

interface Blob {
  readonly digest: string;
  readonly size: number;
}

/** Turns an unpacked `docker save` archive of the old form (before Docker 25) into an OCI image layout, in the same folder. */
export async function convertDockerArchive(folder: string): Promise<void> {
  const images = manifestSchema.safeParse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
  if (!images.success) throw new CliError('The archive has no manifest.json as docker save writes it.');
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  const manifests: object[] = [];
  for (const image of images.data) {
    const config = await addBlob(folder, image.Config);
    const layers: object[] = [];
    for (const path of image.Layers) {
      const { digest, size } = await addBlob(folder, path);
      layers.push({ mediaType: await layerType(folder, path), digest, size });
    }
    const bytes = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers,
    });
    const digest = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(folder, 'blobs', 'sha256', digest), bytes);
    for (const tag of image.RepoTags ?? [undefined]) {
      manifests.push({
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: `sha256:${digest}`,
        size: Buffer.byteLength(bytes),
        ...(tag !== undefined && { annotations: { 'org.opencontainers.image.ref.name': tag } }),
      });
    }
  }
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

async function addBlob(folder: string, path: string): Promise<Blob> {
  const source = await confined(folder, path);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(source)) hash.update(chunk as Uint8Array);
  const hex = hash.digest('hex');
  const target = join(folder, 'blobs', 'sha256', hex);
  await link(source, target).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') return copyFile(source, target);
    return undefined;
  });
  return { digest: `sha256:${hex}`, size: (await stat(source)).size };
}

/** An archive's paths and links must not lead to other files of this machine. */
async function confined(folder: string, path: string): Promise<string> {
  const real = await realpath(join(folder, path)).catch((error: unknown) => {
    throw new CliError(`The archive lacks '${path}', which its manifest names.`, { cause: error });
  });
  if (!real.startsWith((await realpath(folder)) + sep))
    throw new CliError(`The archive's '${path}' leads out of it.`);
  return real;
}

async function layerType(folder: string, path: string): Promise<string> {
  const head = createReadStream(await confined(folder, path), { end: 1 });
  const [first] = await Array.fromAsync(head as AsyncIterable<Buffer>);
  const isGzip = first?.[0] === 0x1f && first[1] === 0x8b;
  return `application/vnd.oci.image.layer.v1.tar${isGzip ? '+gzip' : ''}`;
}
