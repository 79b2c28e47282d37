/** One entry of a layer. Owned by root when not said otherwise. */
export interface TarEntry {
  readonly path: string;
  /** 0755 for folders, 0644 for files when not set. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** What it is: file content, the target of a symbolic link, or neither for a folder. */
  readonly content?: Uint8Array | string;
  readonly linkTarget?: string;
}

/** A tar archive, in pieces, so that a large file is not copied. */
export function tarPieces(entries: readonly TarEntry[]): readonly Uint8Array[] {
  const pieces = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? '');
    const padding = Buffer.alloc((block - (content.byteLength % block)) % block);
    return [tarHeader(entry, content.byteLength), content, padding];
  });
  return [...pieces, Buffer.alloc(2 * block)];
}

const block = 512;

/** The block that stands before an entry's content. */
export function tarHeader(entry: TarEntry, size: number): Buffer {
  const isFolder = entry.content === undefined && entry.linkTarget === undefined;
  const buffer = Buffer.alloc(block);
  const octal = (value: number, at: number, length: number) =>
    buffer.write(value.toString(8).padStart(length - 1, '0'), at);
  buffer.write(entry.path, 0, 100);
  octal(entry.mode ?? (isFolder ? 0o755 : 0o644), 100, 8);
  octal(entry.uid ?? 0, 108, 8);
  octal(entry.gid ?? 0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  buffer.write(isFolder ? '5' : entry.linkTarget === undefined ? '0' : '2', 156);
  buffer.write(entry.linkTarget ?? '', 157, 100);
  buffer.write('ustar\x0000', 257, 'latin1');
  buffer.fill(' ', 148, 156);
  const sum = buffer.reduce((total, byte) => total + byte, 0);
  buffer.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return buffer;
}
