import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request, type RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { verifies } from '../../test/requirements.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import { systemRandom } from '../shared/ids.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { HttpListener } from './http-listener.ts';

async function open(handle: RequestListener, clock: Clock = systemClock) {
  const failures: unknown[] = [];
  const listener = new HttpListener({
    handle,
    drainLimitMs: 60_000,
    failures: { unexpected: (failure) => failures.push(failure) },
    clock,
    random: systemRandom,
  });
  await listener.listen('127.0.0.1', 0);
  const { port } = listener.server.address() as AddressInfo;
  return {
    listener,
    port,
    /** As a client that keeps its connections. */
    async call(agent: Agent): Promise<IncomingMessage> {
      const sent = request({ host: '127.0.0.1', port, agent });
      sent.end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      return response;
    },
    /** Sends bytes as they are; returns all that comes back. */
    async raw(bytes: string): Promise<string> {
      const socket = connect(port, '127.0.0.1');
      socket.write(bytes);
      return text(socket);
    },
    [Symbol.asyncDispose]: async () => {
      listener.server.closeAllConnections();
      listener.server.close();
      assert.deepEqual(failures, []);
    },
  };
}

function assertRefused(answer: string, status: string): void {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  assert.ok(head.startsWith(`HTTP/1.1 ${status}\r\n`), head);
  assert.match(head, /^x-amzn-errortype: ValidationException\r$/m);
  assert.match(head, /^x-amzn-requestid: [0-9a-f-]{36}\r$/m);
  assert.equal((JSON.parse(body) as { reason: string }).reason, 'CannotParse');
}

describe('an HTTP listener', () => {
  it("refuses what is no HTTP, or too large a head, in AWS's form", async () => {
    verifies('wire:no-http');
    await using subject = await open((_request, response) => response.end());
    assertRefused(await subject.raw('nonsense\r\n\r\n'), '400 Bad Request');
    const conflicting =
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n';
    assertRefused(await subject.raw(conflicting), '400 Bad Request');
    const large = `GET / HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(300_000)}\r\n\r\n`;
    assertRefused(await subject.raw(large), '431 Request Header Fields Too Large');
  });

  it('refuses codings and expectations that it does not know', async () => {
    verifies('wire:no-http');
    await using subject = await open((_request, response) => response.end('handled'));
    const head = 'POST / HTTP/1.1\r\nhost: x\r\n';
    assertRefused(
      await subject.raw(`${head}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`),
      '400 Bad Request',
    );
    const expecting = await subject.raw(`${head}expect: miracles\r\ncontent-length: 0\r\n\r\n`);
    assert.match(expecting, /^HTTP\/1\.1 400 .*ValidationException/s);
    // Who signed what is judged later, and without Host nothing can be.
    assert.match(await subject.raw('GET / HTTP/1.1\r\nconnection: close\r\n\r\n'), /handled$/);
  });

  it('says nothing in the middle of an answer', async () => {
    verifies('wire:no-http');
    await using subject = await open((_request, response) => void response.write('begun'));
    const answer = await subject.raw(
      'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\nzz\r\n',
    );
    assert.ok(!answer.includes('ValidationException'), answer);
  });

  it('drains: running calls end, new ones on kept connections are refused and their connections closed', async () => {
    verifies('server:drain');
    let finish = () => {};
    await using subject = await open((_request, response) => {
      response.write('begun ');
      finish = () => response.end('finished');
    });
    const [busy, kept] = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
    const idle = await subject.call(kept);
    finish();
    await text(idle);
    const running = await subject.call(busy);

    const drained = subject.listener.drain();
    const refused = await subject.call(kept).catch((error: NodeJS.ErrnoException) => error.code);
    assert.ok(refused === 'ECONNRESET' || refused === 'ECONNREFUSED');
    finish();
    assert.equal(await text(running), 'begun finished');
    await drained;
  });

  it('does not wait for connections on which nothing was asked', async () => {
    verifies('server:drain');
    const clock = new FakeClock();
    await using subject = await open((_request, response) => response.end(), clock);
    const socket = connect(subject.port, '127.0.0.1');
    await once(subject.listener.server, 'connection');
    const closed = once(socket.on('error', () => {}).resume(), 'close');
    const drained = subject.listener.drain();
    await clock.advance(2_000);
    await drained;
    await closed;
  });

  it('answers 503 to a request that was on its way when it began to drain', async () => {
    verifies('server:drain');
    await using subject = await open((_request, response) => response.end('too late'));
    const { server } = subject.listener;
    const accepted = once(server, 'connection');
    const socket = connect(subject.port, '127.0.0.1');
    const [connection] = (await accepted) as [Socket];
    socket.write('GET / HTTP/1.1\r\n');
    while (connection.bytesRead === 0) await setImmediate();
    const drained = subject.listener.drain();
    socket.write('host: x\r\n\r\n');
    assert.match(await text(socket), /^HTTP\/1\.1 503 .*ServiceUnavailableException/s);
    await drained;
  });

  it('cuts what is still running when the time to drain is out', async () => {
    verifies('server:drain');
    const clock = new FakeClock();
    await using subject = await open((_request, response) => void response.write('for ever'), clock);
    const running = await subject.call(new Agent());
    const cut = assert.rejects(text(running));
    const drained = subject.listener.drain();
    await clock.advance(60_000);
    await cut;
    await drained;
  });
});
