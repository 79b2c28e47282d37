import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { openSealedFile, sealFile } from './sealed-stream.ts';

const mebibyte = 2 ** 20;
const frameBytes = mebibyte + 20;
const magicBytes = 8;
const key = randomBytes(32);
const label = 'test of streams';
let folder = '';

describe('a sealed stream', () => {
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'berth-sealed-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const size of [0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 2 * mebibyte, 5 * mebibyte + 7]) {
    it(`opens to what was sealed: ${size} bytes`, async () => {
      verifies('hibernation:sealed');
      const plain = randomBytes(size);
      await seal(plain);
      assert.ok(size < 32 || !readFileSync(path('sealed')).includes(plain.subarray(0, 32)));
      assert.deepEqual(await reopened(), plain);
      assert.equal(statSync(path('sealed')).mode & 0o777, 0o600);
    });
  }

  it('does not open with another key or label', async () => {
    verifies('hibernation:sealed');
    await seal(randomBytes(100));
    await assert.rejects(reopened({ key: randomBytes(32) }), { code: 'internal', message: /damaged/ });
    await assert.rejects(reopened({ label: 'another' }), { code: 'internal' });
  });

  it('does not open when a byte is changed, a chunk is missing, doubled or moved, or the end is cut off', async () => {
    verifies('hibernation:sealed');
    await seal(randomBytes(3 * mebibyte));
    const sealed = readFileSync(path('sealed'));
    const head = sealed.subarray(0, magicBytes);
    const [a, b, c] = [0, 1, 2].map((at) =>
      sealed.subarray(magicBytes + at * frameBytes, magicBytes + (at + 1) * frameBytes),
    ) as [Buffer, Buffer, Buffer];
    const flipped = Buffer.from(sealed);
    flipped.writeUInt8(flipped.readUInt8(2 * mebibyte) ^ 1, 2 * mebibyte);
    const forgeries = [
      flipped,
      Buffer.concat([head, a, c]),
      Buffer.concat([head, b, a, c]),
      Buffer.concat([head, a, a, b, c]),
      Buffer.concat([head, a, b]),
      Buffer.concat([sealed, c]),
      sealed.subarray(0, sealed.length - 1),
      head,
      Buffer.alloc(0),
      Buffer.concat([head, Buffer.from('ffffffff', 'hex')]),
    ];
    for (const [at, forgery] of forgeries.entries()) {
      writeFileSync(path('sealed'), forgery);
      await assert.rejects(reopened(), { code: 'internal' }, `forgery ${at}`);
    }
  });

  it('needs the same memory for a large file as for a small one', async () => {
    verifies('hibernation:sealed');
    writeFileSync(path('plain'), '');
    truncateSync(path('plain'), 200 * mebibyte);
    const before = process.memoryUsage.rss();
    await sealFile({ from: path('plain'), to: path('sealed'), key, label });
    await openSealedFile({ from: path('sealed'), to: path('open'), key, label });
    assert.equal(statSync(path('open')).size, 200 * mebibyte);
    assert.ok(process.memoryUsage.rss() - before < 100 * mebibyte);
  });
});

function path(name: string): string {
  return join(folder, name);
}

async function seal(plain: Buffer): Promise<void> {
  writeFileSync(path('plain'), plain);
  await sealFile({ from: path('plain'), to: path('sealed'), key, label });
}

async function reopened(changes: { key?: Uint8Array; label?: string } = {}): Promise<Buffer> {
  rmSync(path('open'), { force: true });
  await openSealedFile({ from: path('sealed'), to: path('open'), key, label, ...changes });
  return readFileSync(path('open'));
}
