import type { FileHandle } from 'node:fs/promises';
import { open, stat } from 'node:fs/promises';

import type { Rotated } from './sandbox-log-rotation.ts';
import { dropMark, readRotated, rotatedPath, rotateLog } from './sandbox-log-rotation.ts';

/** A piece of a log and where the next one begins. */
export interface LogPiece {
  readonly bytes: Uint8Array;
  readonly next: number;
}

/**
 * What one sandbox has written to stdout and stderr: a file that the engine's shim appends to (opened for appending, so
 * that it may be cut under its hands), and one older file, which together hold the newest `maxBytes` or so. Positions
 * count the bytes written since this object was made (older ones are below 0) and stay true when files rotate.
 */
export interface SandboxLog {
  /** Absolute path of the file that is written. */
  readonly path: string;
  /** The first position still held and the one after the last; how many bytes were dropped before the first. */
  bounds(): Promise<{ start: number; end: number; droppedBytes: number }>;
  /** At most `maxBytes` from `position`; empty at the end. Where bytes were dropped, a line says how many. */
  read(position: number, maxBytes: number): Promise<LogPiece>;
  /** Moves a file that has grown too large aside. True when it did; throws when it had to drop everything instead. */
  rotate(): Promise<boolean>;
  /** Nothing will be written any more. */
  end(): void;
  isEnded(): boolean;
}

export function createSandboxLog({ path, maxBytes }: { path: string; maxBytes: number }): SandboxLog {
  const fileBytes = Math.floor(maxBytes / 2);
  /** Position of the written file's first byte. */
  let base = 0;
  let older: Rotated | undefined;
  let ended = false;
  const exclusive = createLock();
  let loaded: Promise<void> | undefined;

  /** Rotating and reading take turns: between them the files are a consistent pair. */
  function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    return exclusive(async () => {
      loaded ??= readRotated(path).then((found) => void (older = found));
      await loaded;
      return run();
    });
  }

  async function readNow(position: number, limit: number): Promise<LogPiece> {
    if (position >= base) {
      const bytes = await readAt(path, position - base, limit);
      return { bytes, next: position + bytes.length };
    }
    if (older === undefined || position < older.start) {
      const next = older?.start ?? base;
      return { bytes: Buffer.from(dropMark(next - position)), next };
    }
    if (position < older.end) {
      const wanted = Math.min(limit, older.end - position);
      const bytes = await readAt(rotatedPath(path), older.headerBytes + position - older.start, wanted);
      // Someone else removed the older file: what it held is lost.
      if (bytes.length === 0) return { bytes: Buffer.from(dropMark(base - position)), next: base };
      return { bytes, next: position + bytes.length };
    }
    return { bytes: Buffer.from(`\n${dropMark(base - position)}`), next: base };
  }

  return {
    path,
    bounds: () =>
      inTurn(async () => ({
        start: older?.start ?? base,
        end: base + (await sizeOf(path)),
        droppedBytes: older?.droppedBytes ?? 0,
      })),
    read: (position, limit) => inTurn(() => readNow(position, limit)),
    rotate: () =>
      inTurn(async () => {
        if ((await sizeOf(path)) <= fileBytes) return false;
        const rotated = await rotateLog({ path, base, keepBytes: fileBytes });
        older = rotated.older;
        base = rotated.base;
        if (rotated.failure !== undefined) throw rotated.failure;
        return true;
      }),
    end: () => void (ended = true),
    isEnded: () => ended,
  };
}

/** 0 when there is no file. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

async function readAt(path: string, offset: number, limit: number): Promise<Uint8Array> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch {
    return new Uint8Array();
  }
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(limit), 0, limit, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function createLock(): <Result>(run: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const mine = last.then(run, run);
    last = mine.catch(() => undefined);
    return mine;
  };
}
