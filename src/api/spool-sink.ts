import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { callbackify } from 'node:util';
import { bodyTooLarge, largestBodyBytes } from './body-errors.ts';
import type { Spool, SpoolShare } from './spool-budget.ts';

export interface SpoolSinkParts {
  readonly spool: Spool;
  readonly key: string;
}

/** Keeps what is written, in memory up to the spool's bound and then in a file that no name leads to: a killed server leaves none. */
export class SpoolSink extends Writable {
  readonly #parts: SpoolSinkParts;
  readonly #hash = createHash('sha256');
  #chunks: Buffer[] = [];
  #file: FileHandle | undefined;
  readonly #share: SpoolShare;
  #sizeBytes = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: SpoolSinkParts) {
    super();
    this.#parts = parts;
    this.#share = parts.spool.budget.open(parts.key, (error) => this.destroy(error));
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Once, when all is written. */
  sha256(): string {
    return this.#hash.digest('hex');
  }

  read(): Readable {
    const content = this.#file === undefined ? this.#chunks : readAll(this.#file);
    return Readable.from(content, { objectMode: false });
  }

  /** Gives memory, disk and budget back. Idempotent. */
  async free(): Promise<void> {
    this.destroy();
    this.#share[Symbol.dispose]();
    this.#chunks = [];
    await this.#writing.catch(() => {});
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#writing = this.#keep(chunk);
    callbackify(() => this.#writing)((error) => done(error));
  }

  override _final(done: () => void): void {
    this.#share.complete();
    done();
  }

  async #keep(chunk: Buffer): Promise<void> {
    const { spool } = this.#parts;
    this.#sizeBytes += chunk.byteLength;
    if (this.#sizeBytes > largestBodyBytes) throw bodyTooLarge();
    this.#share.take(chunk.byteLength);
    this.#hash.update(chunk);
    if (this.#file === undefined) {
      this.#chunks.push(chunk);
      if (this.#sizeBytes <= spool.memoryBytes) return;
      this.#file = await openNameless(spool.folder);
      await writeAll(this.#file, Buffer.concat(this.#chunks));
      this.#chunks = [];
    } else {
      await writeAll(this.#file, chunk);
    }
  }
}

async function openNameless(folder: string): Promise<FileHandle> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, randomUUID());
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength;) {
    offset += (await file.write(bytes, offset, bytes.byteLength - offset)).bytesWritten;
  }
}

async function* readAll(file: FileHandle): AsyncGenerator<Buffer> {
  for (let offset = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(65_536), 0, 65_536, offset);
    if (bytesRead === 0) return;
    offset += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
