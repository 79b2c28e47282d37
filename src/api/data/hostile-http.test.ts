import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import { sessionNamed } from '../../sessions/testing/sessions-fixture.ts';
import { DataPlaneFixture, echoPath, sessionHeader } from './testing/data-plane-fixture.ts';

/** Notes what reaches the agent, and repeats it. */
async function open() {
  const seen: string[] = [];
  const onInvoke = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    seen.push(body);
    response.end(`<${body}>`);
  };
  const plane = await DataPlaneFixture.open(onInvoke);
  const send = (bytes: string): Socket => {
    const socket = connect({ port: plane.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {}).write(bytes, 'latin1');
    return socket;
  };
  return {
    plane,
    seen,
    send,
    /** All that comes back until the connection is closed. */
    raw: async (bytes: string) => text(send(bytes)),
    [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose](),
  };
}

const head = (lines: string, path = `${echoPath}/invocations`) =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: KEY invoke\r\n${sessionHeader}: ${sessionNamed('s1')}\r\n${lines}\r\n`;
const hidden = head('content-length: 6\r\n') + 'hidden';

test('requests that two readers could tell apart differently are refused, and nothing hidden in them arrives', async () => {
  verifies('wire:no-smuggling');
  await using fixture = await open();
  const bad = [
    head(`content-length: 5\r\ntransfer-encoding: chunked\r\n`) + `0\r\n\r\n${hidden}`,
    head(`content-length: 0\r\ncontent-length: ${hidden.length}\r\n`) + hidden,
    head(`content-length: 0, ${hidden.length}\r\n`) + hidden,
    head(`content-length: +0\r\n`) + hidden,
    head(`transfer-encoding: xchunked\r\n`) + `0\r\n\r\n${hidden}`,
    head(`transfer-encoding: identity, chunked\r\n`) + `0\r\n\r\n${hidden}`,
    head(`transfer-encoding : chunked\r\n`) + `0\r\n\r\n${hidden}`,
    head(`x: 1\r\n transfer-encoding: chunked\r\n`) + `0\r\n\r\n${hidden}`,
    head(`x: 1\ntransfer-encoding: chunked\r\n`) + `0\r\n\r\n${hidden}`,
    head(`x: 1\rtransfer-encoding: chunked\r\n`) + `0\r\n\r\n${hidden}`,
    head(`transfer-encoding: chunked\r\n`) + `1\nx\r\n0\r\n\r\n${hidden}`,
    head(`transfer-encoding: chunked\r\n`) + `0x1\r\nx\r\n0\r\n\r\n${hidden}`,
    head(`transfer-encoding: chunked\r\n`) + `1;${'e'.repeat(40_000)}\r\nx\r\n0\r\n\r\n${hidden}`,
    head('').replaceAll('\r\n', '\n') + hidden,
  ];
  for (const bytes of bad) {
    const answer = await fixture.raw(bytes);
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, bytes);
    assert.equal(answer.match(/^HTTP\/1\.1 \d/gm)?.length, 1, JSON.stringify([bytes, answer]));
  }
  assert.deepEqual(fixture.seen, []);
  assert.equal(fixture.plane.sessions.driver.starts.length, 0);
});

test('pipelined requests are answered one after the other, in their order', async () => {
  verifies('wire:pipelining');
  await using fixture = await open();
  const last = head('connection: close\r\ncontent-length: 1\r\n');
  const answers = await fixture.raw(
    `${head('content-length: 3\r\n')}one${head('transfer-encoding: chunked\r\n')}3\r\ntwo\r\n0\r\n\r\n${last}3`,
  );
  assert.deepEqual(
    [...answers.matchAll(/<(\w+)>/g)].map(([, body]) => body),
    ['one', 'two', '3'],
  );
  assert.deepEqual(fixture.seen, ['one', 'two', '3']);
});

test('a caller that closes its own side has gone away: its call ends at the agent, too', async () => {
  verifies('wire:half-closed');
  const closed = Promise.withResolvers<void>();
  await using plane = await DataPlaneFixture.open((request, response) => {
    response.once('close', closed.resolve);
    request.resume().once('end', () => socket.end());
  });
  const socket = connect({ port: plane.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {}).write(`${head('content-length: 3\r\n')}one`);
  await closed.promise;
  await once(socket.resume(), 'close');
});

test('a caller that leaves while the sandbox of a card starts costs nothing else', async () => {
  verifies('wire:half-closed');
  await using plane = await DataPlaneFixture.open((_request, response) => void response.end('{}'), {
    protocol: 'A2A',
  });
  const starting = Promise.withResolvers<void>();
  plane.sessions.driver.image = async () => {
    starting.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    return { port: 9000, onRequest: (_request, response) => void response.end('{}') };
  };
  const socket = connect(plane.port, '127.0.0.1');
  const hash = 'x-amz-content-sha256: aa\r\ncontent-length: 5\r\n';
  socket
    .on('error', () => {})
    .write(head(hash, `${echoPath}/invocations/.well-known/agent-card.json`).replace('POST', 'GET') + 'ab');
  await starting.promise;
  socket.destroy();
  await once(socket, 'close');
  const card = { session: 's2', method: 'GET', path: `${echoPath}/invocations/.well-known/agent-card.json` };
  assert.equal((await plane.call(card)).status, 200);
});

test('a flood of headers is refused by its size, and costs no sandbox', async () => {
  verifies('wire:floods');
  await using fixture = await open();
  const flood = Array.from({ length: 30_000 }, (_, index) => `x-${index}: 1\r\n`).join('');
  assert.match(await fixture.raw(head(`${flood}content-length: 0\r\n`)), /^HTTP\/1\.1 431 /);
  const many = Array.from(
    { length: 100 },
    (_, index) => `x-amzn-bedrock-agentcore-runtime-custom-${index}: 1\r\n`,
  );
  assert.match(
    await fixture.raw(head(`${many.join('')}connection: close\r\ncontent-length: 0\r\n`)),
    /^HTTP\/1\.1 400 .*at most 20 custom headers/s,
  );
  assert.equal(fixture.plane.sessions.driver.starts.length, 0);
});

test('whoever sends its head or its body drop by drop is given up in time', async () => {
  verifies('wire:floods');
  const clock = new FakeClock();
  await using plane = await DataPlaneFixture.open((_request, response) => void response.end(), { clock });
  const { server } = plane.listener;
  assert.deepEqual([server.headersTimeout, server.requestTimeout], [30_000, 0]);
  const socket = connect(plane.port, '127.0.0.1');
  socket.write(`${head('content-length: 100\r\n')}only a little`);
  await once(server, 'request');
  const answer = text(socket);
  for (let minute = 0; minute < 10; minute += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(60_000);
  }
  assert.match(await answer, /^HTTP\/1\.1 400 /);
});
