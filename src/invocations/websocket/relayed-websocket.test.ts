import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { fuzzRounds, seeded } from '../../../test/fakes/seeded.ts';
import { verifies } from '../../../test/requirements.ts';
import type { BerthError } from '../../shared/errors.ts';
import { encodeClose } from './close-frame.ts';
import { RelayedWebSocket, type WebSocketEnd } from './relayed-websocket.ts';
import { encodeFrame, opcodes } from './testing/encode-frame.ts';
import { webSocketLimits } from './websocket-limits.ts';

const mask = Buffer.of(9, 8, 7, 6);
const zeroMask = Buffer.alloc(4);

function text(payload: string, isFromCaller = true): Buffer {
  return encodeFrame({ opcode: opcodes.text, payload: Buffer.from(payload), ...(isFromCaller && { mask }) });
}

/** A relay between two ends that are in the test's hands. */
class Ends {
  readonly clock = new FakeClock();
  readonly caller: Duplex;
  readonly agent: Duplex;
  readonly drain = new AbortController();
  readonly over: Promise<WebSocketEnd>;
  activities = 0;
  gone: (error: BerthError) => void = () => {};

  constructor() {
    const [caller, callerInside] = duplexPair();
    const [agent, agentInside] = duplexPair();
    this.caller = caller.on('error', () => {});
    this.agent = agent.on('error', () => {});
    const relayed = new RelayedWebSocket({
      caller: callerInside,
      agent: agentInside,
      lease: {
        activity: () => (this.activities += 1),
        onGone: (listener) => {
          this.gone = listener;
          return () => {};
        },
        whyGone: async () => undefined,
      },
      draining: this.drain.signal,
      limits: webSocketLimits,
      clock: this.clock,
      random: (bytes) => new Uint8Array(bytes),
    });
    this.over = relayed.run();
  }

  /** All that one end has got so far. */
  async received(end: Duplex): Promise<Buffer> {
    await this.clock.settle();
    const chunks: Buffer[] = [];
    for (let chunk: unknown = end.read(); chunk !== null; chunk = end.read()) {
      if (Buffer.isBuffer(chunk)) chunks.push(chunk);
      await this.clock.settle();
    }
    return Buffer.concat(chunks);
  }
}

describe('a relayed WebSocket', () => {
  it('reads no faster than the other side takes, in both directions, and loses nothing', async () => {
    verifies('websocket:back-pressure');
    const ends = new Ends();
    for (const [from, to, isFromCaller] of [
      [ends.caller, ends.agent, true],
      [ends.agent, ends.caller, false],
    ] as const) {
      const frame = text('x'.repeat(60_000), isFromCaller);
      const frames = Array.from({ length: 100 }, () => frame);
      for (const one of frames) from.write(one);
      await ends.clock.settle();
      assert.ok(from.writableLength > 90 * frame.length, `only ${from.writableLength} bytes wait`);
      assert.ok((await ends.received(to)).equals(Buffer.concat(frames)));
    }
  });

  it('counts every frame as activity, pings too', async () => {
    verifies('websocket:activity');
    const ends = new Ends();
    const ping = { opcode: opcodes.ping, payload: Buffer.alloc(0) };
    for (const [end, frame] of [
      [ends.caller, text('a')],
      [ends.caller, encodeFrame({ ...ping, mask })],
      [ends.agent, encodeFrame(ping)],
    ] as const) {
      const before = ends.activities;
      end.write(frame);
      await ends.clock.settle();
      assert.equal(ends.activities, before + 1);
    }
  });

  it('lets a frame come to its end before it says Close, and passes nothing on after that', async () => {
    verifies('websocket:untouched', 'websocket:drain');
    const ends = new Ends();
    const [toAgent, toCaller] = [text('hello'), text('welcome', false)];
    ends.caller.write(toAgent.subarray(0, 8));
    ends.agent.write(toCaller.subarray(0, 4));
    await ends.clock.settle();
    ends.drain.abort();
    ends.caller.write(Buffer.concat([toAgent.subarray(8), toAgent]));
    ends.agent.write(Buffer.concat([toCaller.subarray(4), toCaller]));
    const close = encodeClose({ code: 1001, reason: 'The server is closing.' });
    assert.deepEqual(await ends.received(ends.caller), Buffer.concat([toCaller, close]));
    const forAgent = encodeClose({ code: 1001, reason: 'The connection is over.' }, zeroMask);
    assert.deepEqual(await ends.received(ends.agent), Buffer.concat([toAgent, forAgent]));
  });

  it('says nothing in a frame that is never going to be whole', async () => {
    verifies('websocket:vanished');
    const ends = new Ends();
    const half = text('welcome', false).subarray(0, 4);
    ends.agent.write(half);
    ends.agent.end();
    assert.deepEqual(await ends.received(ends.caller), half);
    assert.ok(ends.caller.readableEnded);
  });

  it('gives an agent that never closes ten seconds, and then cuts it', async () => {
    verifies('websocket:close');
    const ends = new Ends();
    ends.caller.write(encodeClose({ code: 1000, reason: '' }, mask));
    await ends.clock.advance(9_999);
    assert.equal(ends.agent.readableEnded, false);
    await ends.clock.advance(1);
    assert.deepEqual(await ends.over, { closeCode: 1000, closedBy: 'caller', callerBytes: 8, agentBytes: 0 });
  });

  it('lets a caller half-close after its Close, and still get the answer', async () => {
    verifies('websocket:close');
    const ends = new Ends();
    ends.caller.end(encodeClose({ code: 1000, reason: 'done' }, mask));
    assert.deepEqual(await ends.received(ends.agent), encodeClose({ code: 1000, reason: 'done' }, mask));
    const answer = encodeClose({ code: 1000, reason: 'done' });
    ends.agent.end(answer);
    assert.deepEqual(await ends.received(ends.caller), answer);
    await ends.received(ends.agent);
    assert.equal((await ends.over).closeCode, 1000);
  });

  it('answers a caller with its own Close when the agent leaves instead of answering', async () => {
    verifies('websocket:close');
    const ends = new Ends();
    ends.caller.write(encodeClose({ code: 4000, reason: 'done' }, mask));
    await ends.received(ends.agent);
    ends.agent.end();
    assert.deepEqual(await ends.received(ends.caller), encodeClose({ code: 4000, reason: 'done' }));
  });

  it('comes to its end whatever arrives, and however its ends leave', async () => {
    verifies('websocket:fuzz');
    for (let seed = 1; seed <= fuzzRounds(150); seed += 1) {
      const next = seeded(seed);
      const ends = new Ends();
      for (let step = 0; step < 8; step += 1) {
        const [end, isCaller] = next() < 0.5 ? [ends.caller, true] : [ends.agent, false];
        const way = next();
        if (!end.writable) continue;
        if (way < 0.4) end.write(text('x'.repeat(Math.floor(next() * 300)), isCaller));
        else if (way < 0.6) end.write(text('x'.repeat(300), isCaller).subarray(0, Math.floor(next() * 300)));
        else if (way < 0.7)
          end.write(Buffer.from(Array.from({ length: 20 }, () => Math.floor(next() * 256))));
        else if (way < 0.8) end.write(encodeClose({ code: 1000, reason: '' }, isCaller ? mask : undefined));
        else if (way < 0.85) end.end();
        else if (way < 0.9) end.destroy();
        else if (way < 0.95) end.resume();
        else ends.drain.abort();
        if (next() < 0.5) await ends.clock.settle();
      }
      await ends.clock.advance(webSocketLimits.longestMs + 10_000);
      const { closeCode } = await ends.over;
      assert.ok(closeCode >= 1000, `seed ${seed}`);
    }
  });
});
