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
import type { Upgrade, UpgradePort } from './upgrade.ts';

async function open(handle: RequestListener, clock: Clock = systemClock, upgrades?: UpgradePort) {
  const failures: unknown[] = [];
  const listener = new HttpListener({
    handle,
    ...(upgrades && { upgrades }),
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

  for (const how of ['drain', 'leave'] as const)
    it(`sends an answer to its end to a caller who reads slowly (${how})`, async () => {
      verifies('server:drain');
      const clock = new FakeClock();
      const size = 64 * 2 ** 20;
      await using subject = await open((_request, response) => response.end(Buffer.alloc(size, 'x')), clock);
      const slow = await subject.call(new Agent({ keepAlive: true }));
      let isOver = false;
      const over = subject.listener[how]().then(() => (isOver = true));
      // Idle connections are looked for again and again.
      await clock.advance(50_000);
      let seen = 0;
      for await (const chunk of slow as AsyncIterable<Buffer>) seen += chunk.byteLength;
      assert.equal(seen, size);
      while (!isOver) await clock.advance(1_000);
      await over;
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

  it('before it drains for another process takes no connection, and answers those that it has just taken', async () => {
    verifies('restart:migration');
    await using subject = await open((_request, response) => response.end('served'));
    const accepted = once(subject.listener.server, 'connection');
    const socket = connect(subject.port, '127.0.0.1');
    await accepted;
    const stopped = subject.listener.stopAccepting();
    const late = connect(subject.port, '127.0.0.1');
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const answer = text(socket);
    await stopped;
    await subject.listener.drain();
    assert.match(await answer, /^HTTP\/1\.1 200 .*served/s);
  });

  it('does not wait long for one on which nothing is asked, before it drains for another process', async () => {
    verifies('restart:migration');
    const clock = new FakeClock();
    await using subject = await open((_request, response) => response.end(), clock);
    const accepted = once(subject.listener.server, 'connection');
    const socket = connect(subject.port, '127.0.0.1').on('error', () => {});
    await accepted;
    const stopped = subject.listener.stopAccepting();
    await clock.advance(2_000);
    await stopped;
    socket.destroy();
    await subject.listener.drain();
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

const upgradeHead = (path: string) =>
  `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`;

/** Serves upgrades of /ws. */
class Upgrades implements UpgradePort {
  readonly #handle: (upgrade: Upgrade) => void;

  constructor(handle: (upgrade: Upgrade) => void) {
    this.#handle = handle;
  }

  handles({ url }: IncomingMessage): boolean {
    return url === '/ws';
  }

  handle(upgrade: Upgrade): void {
    this.#handle(upgrade);
  }
}

describe('upgrades at an HTTP listener', () => {
  it('are granted with all that came behind the head, or refused as any request', async () => {
    verifies('wire:upgrades');
    const upgrades = new Upgrades((upgrade) => {
      const socket = upgrade.grant(['upgrade', 'websocket', 'connection', 'upgrade']);
      socket.pipe(socket);
    });
    await using subject = await open((_request, response) => response.end('handled'), systemClock, upgrades);
    const socket = connect(subject.port, '127.0.0.1');
    socket.end(`${upgradeHead('/ws')}early`);
    assert.match(await text(socket), /^HTTP\/1\.1 101 Switching Protocols\r\n.*\r\n\r\nearly$/s);
    assert.match(
      await subject.raw(upgradeHead('/other').replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')),
      /handled$/,
    );
    const refusing = new Upgrades(({ response }) =>
      response.writeHead(403, { 'content-length': 2 }).end('no'),
    );
    await using other = await open(() => {}, systemClock, refusing);
    assert.match(
      await other.raw(upgradeHead('/ws')),
      /^HTTP\/1\.1 403 Forbidden\r\n.*connection: close\r\n.*no$/is,
    );
  });

  it('behind another request of the same connection are answered as if they had not asked', async () => {
    verifies('wire:upgrades');
    const upgrades = new Upgrades(() => assert.fail('was upgraded'));
    let finish = () => {};
    await using subject = await open(
      (request, response) => {
        if (request.url === '/ws') {
          response.end('second', () => request.socket.end());
          finish();
        } else finish = () => response.end('first ');
      },
      systemClock,
      upgrades,
    );
    const answer = await subject.raw(`GET /first HTTP/1.1\r\nhost: x\r\n\r\n${upgradeHead('/ws')}`);
    assert.match(answer, /first .*second$/s);
  });

  it('behind a request that is refused, in one packet with it, cost nothing', async () => {
    verifies('wire:upgrades', 'wire:no-http');
    const upgrades = new Upgrades(() => assert.fail('was upgraded'));
    for (const refused of ['transfer-encoding: gzip, chunked\r\n\r\n0', 'expect: miracles']) {
      await using subject = await open((_request, response) => response.end(), systemClock, upgrades);
      const answer = await subject.raw(
        `POST / HTTP/1.1\r\nhost: x\r\n${refused}\r\n\r\n${upgradeHead('/ws')}`,
      );
      assert.match(answer, /^HTTP\/1\.1 400 /);
    }
  });

  it('hear of callers that leave before they are answered', async () => {
    verifies('wire:upgrades');
    const arrived = Promise.withResolvers<Upgrade>();
    await using subject = await open(() => {}, systemClock, new Upgrades(arrived.resolve));
    const socket = connect(subject.port, '127.0.0.1');
    socket.write(upgradeHead('/ws'));
    const upgrade = await arrived.promise;
    const left = once(upgrade.response, 'close');
    socket.end();
    await left;
    assert.equal(upgrade.response.writableFinished, false);
  });

  it('are told to come to their end when the server drains, cut when the time is out, and refused meanwhile', async () => {
    verifies('server:drain');
    const clock = new FakeClock();
    const arrived = Promise.withResolvers<Upgrade>();
    await using subject = await open(() => {}, clock, new Upgrades(arrived.resolve));
    const { server } = subject.listener;
    const socket = connect(subject.port, '127.0.0.1');
    socket.write(upgradeHead('/ws'));
    const upgrade = await arrived.promise;
    upgrade.grant(['upgrade', 'websocket', 'connection', 'upgrade']);
    const accepted = once(server, 'connection');
    const late = connect(subject.port, '127.0.0.1');
    const [connection] = (await accepted) as [Socket];
    late.write('GET /ws HTTP/1.1\r\n');
    while (connection.bytesRead === 0) await setImmediate();

    const cut = text(socket);
    const drained = subject.listener.drain();
    assert.ok(upgrade.draining.aborted);
    late.write('host: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    assert.match(await text(late), /^HTTP\/1\.1 503 .*ServiceUnavailableException/s);
    await clock.advance(60_000);
    assert.match(await cut, /^HTTP\/1\.1 101/);
    await drained;
  });
});
