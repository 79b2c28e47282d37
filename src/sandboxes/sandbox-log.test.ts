import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { verifies } from '../../test/requirements.ts';
import { systemClock } from '../shared/clock.ts';
import { lastLines, logLines, readLog } from './sandbox-log-reading.ts';
import type { SandboxLog } from './sandbox-log.ts';
import { createSandboxLog } from './sandbox-log.ts';

const maxBytes = 2_000;
let folder = '';
let log: SandboxLog;

describe('sandbox log', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'berth-log-'));
    log = createSandboxLog({ path: join(folder, 'a.log'), maxBytes });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps within its size under a writer that never reopens, without a hole', async () => {
    verifies('sandboxes:log-rotation');
    const writer = openSync(log.path, 'a');
    for (let i = 0; i < 100; i++) {
      writeSync(writer, `line ${String(i).padStart(4, '0')} ${'x'.repeat(89)}\n`);
      await log.rotate();
    }

    assert.ok(statSync(log.path).size <= maxBytes / 2 + 100);
    assert.ok(statSync(`${log.path}.1`).size <= maxBytes / 2 + 200);
    assert.ok(!readFileSync(log.path).includes(0));
  });

  it('says how many bytes were dropped, counting all rotations', async () => {
    verifies('sandboxes:log-rotation');
    const written = 5 * 1_100;
    for (let i = 0; i < 5; i++) {
      appendFileSync(log.path, `${'y'.repeat(1_099)}\n`);
      await log.rotate();
    }

    const text = await textOf(log);

    const dropped = Number(/^\[berth: (\d+) bytes dropped\]\n/.exec(text)?.[1]);
    assert.equal(dropped, written - 1_000);
    assert.equal(text.length - text.indexOf('\n') - 1, 1_000);
  });

  it('shows a follower every kept byte across rotations, and a mark for those that it missed', async () => {
    verifies('sandboxes:log-rotation');
    appendFileSync(log.path, 'first\n');
    const { position } = await drain(log, 0);
    appendFileSync(log.path, `${'a'.repeat(995)}\nlast of one\n`);
    await log.rotate();
    appendFileSync(log.path, 'second\n');

    const next = await drain(log, position);

    assert.equal(next.text, `[berth: 8 bytes dropped]\n${'a'.repeat(987)}\nlast of one\nsecond\n`);
    assert.equal((await drain(log, next.position)).text, '');
  });

  it('goes on where another process rotated before', async () => {
    appendFileSync(log.path, `${'b'.repeat(1_499)}\n`);
    await log.rotate();
    appendFileSync(log.path, 'after\n');
    const adopted = createSandboxLog({ path: log.path, maxBytes });

    const text = await textOf(adopted);

    assert.equal(text, `[berth: 500 bytes dropped]\n${'b'.repeat(999)}\nafter\n`);
    assert.deepEqual(await lastLines(adopted, { lines: 1, maxBytes: 500 }), ['after']);
  });

  it('follows until the sandbox has ended, and stops quietly when the reader leaves', async () => {
    appendFileSync(log.path, 'one\n');
    const lines: string[] = [];
    for await (const line of logLines(readLog(log, { follow: true, clock: instantClock }))) {
      lines.push(line);
      if (line === 'one') appendFileSync(log.path, 'two\n');
      if (line === 'two') {
        appendFileSync(log.path, 'no line end');
        log.end();
      }
    }
    assert.deepEqual(lines, ['one', 'two', 'no line end']);

    const reader = new AbortController();
    const other = createSandboxLog({ path: log.path, maxBytes });
    for await (const _ of readLog(other, { follow: true, clock: systemClock, signal: reader.signal }))
      reader.abort();
  });

  it('shows the last lines with control sequences made visible and a cut line marked', async () => {
    verifies('sandboxes:log-escaped');
    appendFileSync(log.path, `${'z'.repeat(300)}\n\u001b[2Jred\u0007\ttab \u202e\u009b31m\r\n`);

    assert.deepEqual(await lastLines(log, { lines: 1, maxBytes: 4_096 }), [
      '\\x1b[2Jred\\x07\ttab \\u202e\\x9b31m\\x0d',
    ]);
    const [cut, whole] = await lastLines(log, { lines: 2, maxBytes: 50 });
    assert.match(cut ?? '', /^…z+$/);
    assert.match(whole ?? '', /red/);
  });

  it('holds a line of 60 MB in pieces, never whole', async () => {
    verifies('sandboxes:log-long-lines');
    async function* flood() {
      const chunk = new Uint8Array(64 * 1024).fill(0x61);
      for (let i = 0; i < 960; i++) yield chunk;
    }
    let longest = 0;
    let total = 0;
    for await (const piece of logLines(flood())) {
      longest = Math.max(longest, piece.length);
      total += piece.length;
    }
    assert.equal(total, 60 * 1024 * 1024);
    assert.ok(longest <= 128 * 1024);
  });

  it('drops everything with a mark when there is no room for the copy', async () => {
    appendFileSync(log.path, `${'c'.repeat(1_500)}\n`);
    // A folder in the way of the copy stands for a full disk.
    mkdirSync(`${log.path}.1.new`);

    await assert.rejects(log.rotate());

    assert.equal(readFileSync(log.path, 'utf8'), '[berth: 1501 bytes dropped]\n');
  });
});

const instantClock = { now: () => 0, after: (_: number, run: () => void) => (setImmediate(run), () => {}) };

async function textOf(one: SandboxLog): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readLog(one, { follow: false, clock: systemClock })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function drain(one: SandboxLog, from: number): Promise<{ text: string; position: number }> {
  let text = '';
  let position = from;
  for (;;) {
    const piece = await one.read(position, 300);
    if (piece.next === position) return { text, position };
    text += Buffer.from(piece.bytes).toString();
    position = piece.next;
  }
}
