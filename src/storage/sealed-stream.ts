import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { BerthError } from '../shared/errors.ts';

/** A file to be sealed or opened. `label` is authenticated: a file that was sealed under another label does not open. */
export interface SealedCopy {
  readonly from: string;
  /** Made with mode 0600; must not be there. */
  readonly to: string;
  /** 32 bytes. One key and label seal one file only: a second one would repeat nonces. */
  readonly key: Uint8Array;
  readonly label: string;
}

const magic = Buffer.from('BERTHSS1');
const chunkBytes = 2 ** 20;
const tagBytes = 16;

/**
 * Seals a file of any size in chunks, each AES-256-GCM under a key derived from key and label. A chunk's nonce holds its number and
 * whether it is the last one, so that none can be moved, left out or cut off. The copy is on disk when this resolves. Memory use
 * does not depend on the size. Returns the bytes written.
 */
export async function sealFile({ from, to, key, label }: SealedCopy): Promise<number> {
  const derived = deriveKey(key, label);
  await using source = await open(from, 'r');
  await using target = await open(to, 'wx', 0o600);
  await target.writeFile(magic);
  let written = magic.length;
  let chunk = await readFully(source, chunkBytes);
  for (let number = 0; ; number += 1) {
    const next = chunk.length < chunkBytes ? Buffer.alloc(0) : await readFully(source, chunkBytes);
    const isLast = next.length === 0;
    const cipher = createCipheriv('aes-256-gcm', derived, nonceOf(number, isLast));
    const sealed = [cipher.update(chunk), cipher.final()];
    const frame = Buffer.concat([lengthOf(chunk.length), ...sealed, cipher.getAuthTag()]);
    await target.writeFile(frame);
    written += frame.length;
    if (isLast) break;
    chunk = next;
  }
  await target.sync();
  return written;
}

/** The opposite. Rejects with `internal` when the file is not as it was sealed; what has been written by then is to be thrown away. */
export async function openSealedFile({ from, to, key, label }: SealedCopy): Promise<void> {
  const derived = deriveKey(key, label);
  await using source = await open(from, 'r');
  await using target = await open(to, 'wx', 0o600);
  const { size } = await source.stat();
  if (!(await readFully(source, magic.length)).equals(magic)) throw broken(label);
  let position = magic.length;
  for (let number = 0; ; number += 1) {
    const head = await readFully(source, 4);
    const length = head.length < 4 ? -1 : head.readUInt32BE();
    if (length < 0 || length > chunkBytes) throw broken(label);
    const body = await readFully(source, length + tagBytes);
    if (body.length < length + tagBytes) throw broken(label);
    position += head.length + body.length;
    const isLast = position >= size;
    const plain = openChunk(body, derived, nonceOf(number, isLast), label);
    if (plain.length > 0) await target.writeFile(plain);
    if (isLast) return;
  }
}

function openChunk(body: Buffer, key: Uint8Array, nonce: Buffer, label: string): Buffer {
  const at = body.length - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  decipher.setAuthTag(body.subarray(at));
  try {
    return Buffer.concat([decipher.update(body.subarray(0, at)), decipher.final()]);
  } catch (error) {
    throw broken(label, error);
  }
}

function deriveKey(key: Uint8Array, label: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), `berth sealed stream ${label}`, 32));
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt8(isLast ? 1 : 0, 0);
  nonce.writeBigUInt64BE(BigInt(number), 4);
  return nonce;
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}

/** As many bytes as there are, `length` at most; fewer only at the end of the file. */
async function readFully(file: FileHandle, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function broken(label: string, cause?: unknown): BerthError {
  return new BerthError('internal', `The sealed ${label} is damaged, or was sealed with another key.`, {
    cause,
  });
}
