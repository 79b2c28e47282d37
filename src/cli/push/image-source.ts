import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError, usageError } from '../cli-error.ts';
import { runProcess } from '../run-process.ts';
import { convertDockerArchive } from './docker-archive.ts';
import { openImageLayout, type ImageLayout } from './image-layout.ts';

/** Where an image comes from, as the user wrote it. */
export type ImageSource =
  | { readonly kind: 'reference'; readonly uri: string }
  | { readonly kind: 'layout'; readonly folder: string; readonly tag: string | undefined }
  | { readonly kind: 'archive'; readonly file: string; readonly tag: string | undefined }
  | { readonly kind: 'docker-daemon'; readonly name: string };

/** `oci:DIR[:TAG]`, `docker-daemon:NAME`, an archive's path, a layout's folder; anything else is a reference to pull. */
export async function parseImageSource(text: string): Promise<ImageSource> {
  const [, scheme, rest] = /^(oci|oci-archive|docker-archive|docker-daemon):(.+)$/.exec(text) ?? [];
  if (scheme === undefined || rest === undefined) {
    const kind = await kindOf(text);
    if (kind === 'file') return { kind: 'archive', file: text, tag: undefined };
    if (kind === 'folder' && /[/.]/.test(text) && (await kindOf(join(text, 'oci-layout'))) === 'file') {
      return { kind: 'layout', folder: text, tag: undefined };
    }
    if (/^[./~]/.test(text) || /\.(tar|tgz|tar\.gz)$/.test(text)) {
      throw usageError(`'${text}' is neither an image archive nor a folder with an OCI image layout.`);
    }
    return { kind: 'reference', uri: text };
  }
  if (scheme === 'docker-daemon') return { kind: 'docker-daemon', name: rest };
  const { path, tag } = await splitTag(rest);
  const found = await kindOf(path);
  const expected = scheme === 'oci' ? 'folder' : 'file';
  if (found !== expected) throw usageError(`'${path}' is not a ${expected}.`);
  return scheme === 'oci' ? { kind: 'layout', folder: path, tag } : { kind: 'archive', file: path, tag };
}

export interface OpenedImage extends AsyncDisposable {
  readonly layout: ImageLayout;
}

/** Makes the image readable as an OCI layout; disposing removes what had to be unpacked for that. */
export async function openImage(source: Exclude<ImageSource, { kind: 'reference' }>): Promise<OpenedImage> {
  if (source.kind === 'layout') {
    return { layout: await openImageLayout(source.folder, source.tag), async [Symbol.asyncDispose]() {} };
  }
  const folder = await mkdtemp(join(tmpdir(), 'berth-image-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const file = source.kind === 'archive' ? source.file : join(folder, 'saved.tar');
    if (source.kind === 'docker-daemon') {
      const advice = 'Install Docker, or give an image archive or an OCI layout instead.';
      await runProcess('docker', ['save', '--output', file, source.name], advice);
    }
    await runProcess('tar', ['-xf', file, '-C', folder, '--no-same-owner'], 'Install tar.');
    if ((await kindOf(join(folder, 'index.json'))) !== 'file') {
      if ((await kindOf(join(folder, 'manifest.json'))) !== 'file') {
        throw new CliError(
          `${file} is not an image archive: expected what 'docker save' or 'skopeo copy ... oci-archive:' writes.`,
        );
      }
      await convertDockerArchive(folder);
    }
    const tag = source.kind === 'archive' ? source.tag : undefined;
    return { layout: await openImageLayout(folder, tag), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function splitTag(text: string): Promise<{ path: string; tag: string | undefined }> {
  const colon = text.lastIndexOf(':');
  if (colon <= 0 || (await kindOf(text)) !== undefined) return { path: text, tag: undefined };
  return { path: text.slice(0, colon), tag: text.slice(colon + 1) };
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  return stat(path).then(
    (found) => (found.isFile() ? 'file' : found.isDirectory() ? 'folder' : undefined),
    () => undefined,
  );
}
