import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { fuzzRounds, seededWhole } from '../../test/fakes/seeded.ts';
import { encodeEvent, encodeException, readEventStream, type StreamMessage } from './event-stream.ts';

describe('An event stream', () => {
  it('has the frames that AWS documents', () => {
    verifies('wire:event-stream');
    const frame = Buffer.from(encodeEvent('chunk', { contentStart: {} }));

    assert.equal(frame.readUInt32BE(0), frame.byteLength);
    const headers = frame.subarray(12, 12 + frame.readUInt32BE(4)).toString('latin1');
    for (const part of [
      '\x0d:message-type\x07\x00\x05event',
      '\x0b:event-type\x07\x00\x05chunk',
      '\x0d:content-type\x07\x00\x10application/json',
    ])
      assert.ok(headers.includes(part), JSON.stringify(part));
    assert.equal(frame.subarray(12 + frame.readUInt32BE(4), -4).toString(), '{"contentStart":{}}');
  });

  it('is read as it was written, however it is cut', async () => {
    verifies('wire:event-stream', 'wire:fuzzed-framing');
    const random = seededWhole(20261124);
    for (let round = 0; round < fuzzRounds(200); round += 1) {
      const sent = Array.from({ length: 1 + random(5) }, () => randomMessage(random));
      const bytes = Buffer.concat(
        sent.map(({ kind, type, content }) =>
          kind === 'event'
            ? encodeEvent(type, content as object)
            : encodeException(type, content as { message: string }),
        ),
      );

      const read = await Array.fromAsync(readEventStream(cut(bytes, random)));

      assert.deepEqual(read, sent);
    }
  });

  it('that is damaged or breaks off is refused, and never read as something else', async () => {
    verifies('wire:fuzzed-framing');
    const random = seededWhole(4711);
    for (let round = 0; round < fuzzRounds(2_000); round += 1) {
      const sent = randomMessage(random);
      const bytes = Buffer.from(encodeEvent(sent.type, sent.content as object));
      if (random(4) === 0) {
        const part = bytes.subarray(0, 1 + random(bytes.byteLength - 1));
        await assert.rejects(Array.fromAsync(readEventStream(cut(part, random))), /broke off/);
        continue;
      }
      const at = random(bytes.byteLength);
      bytes[at] = (bytes[at] ?? 0) ^ (1 + random(255));
      await assert.rejects(Array.fromAsync(readEventStream(cut(bytes, random))), /broke off|no event stream/);
    }
  });

  it('of random bytes is refused', async () => {
    verifies('wire:fuzzed-framing');
    const random = seededWhole(99);
    for (let round = 0; round < fuzzRounds(500); round += 1) {
      const bytes = Buffer.from(Array.from({ length: 1 + random(300) }, () => random(256)));
      await assert.rejects(Array.fromAsync(readEventStream(cut(bytes, random))), /broke off|no event stream/);
    }
  });
});

function randomMessage(random: (below: number) => number): StreamMessage {
  const text = Array.from({ length: random(60) }, () => String.fromCodePoint(0x20 + random(0xd000))).join('');
  const kind = random(5) === 0 ? 'exception' : 'event';
  return { kind, type: `type${random(1000)}`, content: { message: text } };
}

async function* cut(bytes: Buffer, random: (below: number) => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength;) {
    const next = at + 1 + random(40);
    yield bytes.subarray(at, next);
    at = next;
  }
}
