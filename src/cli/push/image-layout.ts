import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';

const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number().int().min(0),
  annotations: z.record(z.string(), z.string()).optional(),
});

/** A manifest or an index, as far as pushing needs it. */
const manifestSchema = z.looseObject({
  mediaType: z.string().optional(),
  manifests: z.array(descriptorSchema).optional(),
  config: descriptorSchema.optional(),
  layers: z.array(descriptorSchema).optional(),
});

export type Descriptor = z.infer<typeof descriptorSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** An image on this machine: one manifest or index, and everything it refers to by digest. */
export interface ImageLayout {
  readonly root: Descriptor;
  readManifest(descriptor: Descriptor): Promise<{ readonly bytes: Buffer; readonly manifest: Manifest }>;
  /** Whether it is here; rejects when it has another size than is said of it. */
  has(descriptor: Descriptor): Promise<boolean>;
  /** The content from `start` to its end. */
  open(digest: string): Readable;
}

const tagAnnotation = 'org.opencontainers.image.ref.name';

/** Opens the OCI image layout in `folder`; `tag` chooses when it holds several images. */
export async function openImageLayout(folder: string, tag: string | undefined): Promise<ImageLayout> {
  const index = parse(await read(join(folder, 'index.json'), folder), `${folder}/index.json`);
  const root = chooseRoot(index.manifests ?? [], tag, folder);
  const pathOf = (digest: string) => join(folder, 'blobs', 'sha256', digest.slice('sha256:'.length));
  return {
    root,
    async readManifest(descriptor) {
      const bytes = await read(pathOf(descriptor.digest), folder);
      return { bytes, manifest: parse(bytes, descriptor.digest) };
    },
    async has({ digest, size }) {
      const found = await stat(pathOf(digest)).catch(() => undefined);
      if (found === undefined) return false;
      if (found.size === size) return true;
      throw new CliError(
        `${folder} is damaged: ${pathOf(digest)} has ${found.size} bytes, and its manifest says ${size}.`,
        { advice: 'Make the layout again.' },
      );
    },
    open: (digest) => createReadStream(pathOf(digest)),
  };
}

function chooseRoot(images: readonly Descriptor[], tag: string | undefined, folder: string): Descriptor {
  const tags = images.map((image) => image.annotations?.[tagAnnotation]);
  const fitting = tag === undefined ? images : images.filter((_, index) => isTag(tags[index], tag));
  const [first] = fitting;
  if (first !== undefined && fitting.every((image) => image.digest === first.digest)) return first;
  const known = tags.filter((known) => known !== undefined);
  throw new CliError(
    tag === undefined
      ? `${folder} holds ${images.length} images.`
      : `${folder} holds no image with the tag '${tag}'.`,
    {
      advice:
        known.length === 0
          ? 'Make the layout again with one image in it.'
          : `Name one of them, as in ${folder}:${known[0] ?? ''}. There are: ${known.join(', ')}.`,
    },
  );
}

/** Docker writes the whole name in the annotation, other tools the tag alone. */
function isTag(annotation: string | undefined, tag: string): boolean {
  return annotation === tag || annotation?.endsWith(`:${tag}`) === true;
}

function parse(bytes: Buffer, source: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(bytes.toString()));
  } catch (error) {
    throw new CliError(`${source} is not a manifest of an image.`, { cause: error });
  }
}

function read(path: string, folder: string): Promise<Buffer> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`${folder} is not a complete OCI image layout: ${error.message}`, { cause: error });
  });
}
