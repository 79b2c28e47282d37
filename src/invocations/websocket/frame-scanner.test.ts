import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuzzRounds, seeded } from '../../../test/fakes/seeded.ts';
import { verifies } from '../../../test/requirements.ts';
import { encodeClose } from './close-frame.ts';
import { FrameScanner, type FrameScannerParts, type Scan } from './frame-scanner.ts';
import { encodeFrame, opcodes } from './testing/encode-frame.ts';

const mask = Buffer.of(1, 2, 3, 4);
const longest = 64 * 1024;

function scannerOf(changes: Partial<FrameScannerParts> = {}): FrameScanner {
  return new FrameScanner({
    isMasked: true,
    longestPayloadBytes: longest,
    takeFrame: () => true,
    ...changes,
  });
}

function binary(bytes: number): Buffer {
  return encodeFrame({ opcode: opcodes.binary, payload: Buffer.alloc(bytes, 7), mask });
}

function* piecesOf(bytes: Buffer, next: () => number): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const length = 1 + Math.floor(next() ** 3 * 40_000);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

function scanAll(
  scanner: FrameScanner,
  chunks: Iterable<Buffer>,
): { passed: Buffer; frames: number; last: Scan } {
  const passed: Buffer[] = [];
  let frames = 0;
  let last: Scan = { pass: Buffer.alloc(0), frames: 0 };
  for (const chunk of chunks) {
    last = scanner.scan(chunk);
    passed.push(Buffer.from(last.pass));
    frames += last.frames;
    if (last.close !== undefined || last.violation !== undefined) break;
  }
  return { passed: Buffer.concat(passed), frames, last };
}

describe('a frame scanner', () => {
  it('passes whole headers on, and knows when a frame is whole', () => {
    verifies('websocket:untouched');
    const scanner = scannerOf();
    const frame = binary(300);
    assert.equal(scanner.scan(frame.subarray(0, 7)).pass.length, 0);
    assert.ok(scanner.isBetweenFrames);
    assert.deepEqual(scanner.scan(frame.subarray(7, 100)).pass, frame.subarray(0, 100));
    assert.ok(!scanner.isBetweenFrames);
    const { pass, frames } = scanner.scan(Buffer.concat([frame.subarray(100), frame]));
    assert.deepEqual([pass.length, frames], [frame.length - 100 + frame.length, 1]);
    assert.ok(scanner.isBetweenFrames);
  });

  it('finishes the frame that has begun, and no other', () => {
    verifies('websocket:untouched');
    const scanner = scannerOf();
    const frame = binary(300);
    scanner.scan(frame.subarray(0, 100));
    assert.equal(scanner.finishFrame(frame.subarray(100, 150)).length, 50);
    assert.equal(scanner.finishFrame(Buffer.concat([frame.subarray(150), frame])).length, frame.length - 150);
    assert.ok(scanner.isBetweenFrames);
  });

  it('stops at a frame that breaks a rule, before any of it is passed on', () => {
    verifies('websocket:frame-size', 'websocket:frame-rate', 'websocket:masking');
    const small = binary(5);
    const unmasked = encodeFrame({ opcode: opcodes.text, payload: Buffer.alloc(5) });
    const huge = Buffer.of(0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4);
    const closeWith = (payload: Buffer) => encodeFrame({ opcode: opcodes.close, payload, mask });
    const longClose = encodeFrame({ opcode: opcodes.close, payload: Buffer.alloc(126), mask });
    for (const [bad, code] of [
      [unmasked, 1002],
      [longClose, 1002],
      [closeWith(Buffer.of(3)), 1002],
      [closeWith(Buffer.of(0x03, 0xe7)), 1002],
      [closeWith(Buffer.of(0x03, 0xee)), 1002],
      [binary(longest + 1), 1009],
      [huge, 1009],
    ] as const) {
      const { passed, last } = scanAll(scannerOf(), [Buffer.concat([small, bad, small])]);
      assert.deepEqual([passed, last.violation?.code], [small, code]);
    }
    let left = 3;
    const limited = scannerOf({ takeFrame: () => (left -= 1) >= 0 });
    const { passed, last } = scanAll(limited, [Buffer.concat([small, small, small, small])]);
    assert.deepEqual([passed.length, last.violation?.code], [3 * small.length, 1008]);
    assert.equal(scanAll(scannerOf({ isMasked: false }), [small]).last.violation?.code, 1002);
    assert.equal(scanAll(scannerOf(), [binary(longest)]).last.violation, undefined);
  });

  it('reads Close frames, however they arrive', () => {
    verifies('websocket:close');
    const status = { code: 4321, reason: 'bye – ☂' };
    const frame = encodeClose(status, mask);
    const pieces = Array.from(frame, (byte) => Buffer.of(byte));
    const { passed, last } = scanAll(scannerOf(), pieces);
    assert.deepEqual([passed, last.close], [frame, status]);
    const plain = scanAll(scannerOf({ isMasked: false }), [encodeClose(status)]);
    assert.deepEqual(plain.last.close, status);
    const empty = scanAll(scannerOf(), [encodeClose({ code: 1005, reason: '' }, mask)]);
    assert.deepEqual(empty.last.close, { code: 1005, reason: '' });
  });

  it('cuts the reasons of its own Close frames at the end of a character', () => {
    verifies('websocket:close');
    const { last } = scanAll(scannerOf({ isMasked: false }), [
      encodeClose({ code: 1011, reason: 'ö'.repeat(100) }),
    ]);
    assert.equal(last.close?.reason, 'ö'.repeat(61));
  });

  it('passes any frames on as they came, in whatever pieces', () => {
    verifies('websocket:untouched', 'websocket:fuzz');
    for (let seed = 1; seed <= fuzzRounds(60); seed += 1) {
      const next = seeded(seed);
      const frames = Array.from({ length: 20 }, () => {
        const payload = Buffer.alloc(Math.floor(next() ** 4 * longest), Math.floor(next() * 256));
        const opcode = [0, 1, 2, 3, 9, 10][Math.floor(next() * 6)] ?? 0;
        return encodeFrame({ opcode, payload, mask, isFinal: next() < 0.5 });
      });
      const bytes = Buffer.concat(frames);
      const { passed, frames: count, last } = scanAll(scannerOf(), piecesOf(bytes, next));
      assert.ok(passed.equals(bytes), `seed ${seed}`);
      assert.deepEqual([count, last.violation], [20, undefined], `seed ${seed}`);
    }
  });

  it('takes noise for what it is: all that it passes on is what came', () => {
    verifies('websocket:fuzz');
    for (let seed = 1; seed <= fuzzRounds(300); seed += 1) {
      const next = seeded(seed);
      const noise = Buffer.from(Array.from({ length: 2_000 }, () => Math.floor(next() * 256)));
      if (seed % 2 === 0) noise[1] = 0x80 | (noise[1] ?? 0);
      const { passed } = scanAll(scannerOf(), piecesOf(noise, next));
      assert.ok(passed.equals(noise.subarray(0, passed.length)), `seed ${seed}`);
    }
  });
});
