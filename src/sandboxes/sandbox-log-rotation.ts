import type { FileHandle } from 'node:fs/promises';
import { appendFile, open, rename, rm, stat, truncate } from 'node:fs/promises';

/** The older file of a log: `headerBytes` of mark, then what was written from position `start` to `end`. */
export interface Rotated {
  readonly start: number;
  readonly end: number;
  readonly headerBytes: number;
  /** What the mark says: bytes written before `start` that are gone. */
  readonly droppedBytes: number;
}

export interface Rotation {
  readonly path: string;
  /** Position of the file's first byte. */
  readonly base: number;
  /** How much of it stays in the older file. */
  readonly keepBytes: number;
}

export interface RotationResult {
  /** Position of the emptied file's first byte. */
  readonly base: number;
  readonly older: Rotated | undefined;
  /** Why nothing could be kept. */
  readonly failure: unknown;
}

export function rotatedPath(path: string): string {
  return `${path}.1`;
}

/** The line that stands where bytes were dropped. */
export function dropMark(byteCount: number): string {
  return `[berth: ${byteCount} bytes dropped]\n`;
}

/**
 * Copies the end of the file into the older one and cuts the file to nothing. The writer keeps its descriptor, never
 * waits and, since it appends, leaves no hole. What it writes between the last copy and the cut is lost and marked.
 */
export async function rotateLog(rotation: Rotation): Promise<RotationResult> {
  try {
    return await moveAside(rotation);
  } catch (error) {
    // No room for the copy is the worst time to let the file grow.
    const { size } = await stat(rotation.path);
    await truncate(rotation.path, 0);
    for (const file of [rotatedPath(rotation.path), `${rotatedPath(rotation.path)}.new`]) {
      await rm(file, { force: true }).catch(() => undefined);
    }
    await appendFile(rotation.path, dropMark(size)).catch(() => undefined);
    return { base: rotation.base + size, older: undefined, failure: error };
  }
}

async function moveAside({ path, base, keepBytes }: Rotation): Promise<RotationResult> {
  const source = await open(path, 'r');
  try {
    const from = Math.max(0, (await source.stat()).size - keepBytes);
    const dropped = (await everDropped(path)) + from;
    const header = dropped === 0 ? '' : dropMark(dropped);
    const target = rotatedPath(path);
    const copy = await open(`${target}.new`, 'w', 0o600);
    let to = from;
    try {
      await copy.write(header);
      // Again for what came while copying, so that the last, unwatched moment is short.
      for (let round = 0; round < copyRounds; round++) to = await copyRange(source, copy, to);
      await rename(`${target}.new`, target);
      const cutAt = (await source.stat()).size;
      await truncate(path, 0);
      if (cutAt > to) await copy.write(`\n${dropMark(cutAt - to)}`);
      const older = {
        start: base + from,
        end: base + to,
        headerBytes: Buffer.byteLength(header),
        droppedBytes: dropped,
      };
      return { base: base + cutAt, older, failure: undefined };
    } finally {
      await copy.close();
    }
  } finally {
    await source.close();
  }
}

/** The older file as an earlier process left it, ending at position 0. */
export async function readRotated(path: string): Promise<Rotated | undefined> {
  try {
    const { size } = await stat(rotatedPath(path));
    const header = await readHeader(path);
    const headerBytes = Buffer.byteLength(header?.[0] ?? '');
    return { start: headerBytes - size, end: 0, headerBytes, droppedBytes: Number(header?.[1] ?? 0) };
  } catch {
    return undefined;
  }
}

const copyRounds = 3;
const bufferBytes = 256 * 1024;

/** Copies from offset `from` to the present end of `source`, with a small buffer; returns the offset reached. */
async function copyRange(source: FileHandle, copy: FileHandle, from: number): Promise<number> {
  const { size } = await source.stat();
  const buffer = Buffer.alloc(bufferBytes);
  let offset = from;
  while (offset < size) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, size - offset), offset);
    if (bytesRead === 0) break;
    await copy.write(buffer, 0, bytesRead);
    offset += bytesRead;
  }
  return offset;
}

/** Bytes of this log that are gone once the older file is replaced. */
async function everDropped(path: string): Promise<number> {
  const rotated = await readRotated(path);
  if (rotated === undefined) return 0;
  return rotated.end - rotated.start + rotated.droppedBytes;
}

async function readHeader(path: string): Promise<RegExpExecArray | undefined> {
  const file = await open(rotatedPath(path), 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return /^\[berth: (\d+) bytes dropped\]\n/.exec(buffer.toString('latin1', 0, bytesRead)) ?? undefined;
  } finally {
    await file.close();
  }
}
