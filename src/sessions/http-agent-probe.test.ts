import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { verifies } from '../../test/requirements.ts';
import { protocolPorts, type ServerProtocol } from '../runtimes/runtime.ts';
import { systemClock } from '../shared/clock.ts';
import { readPing } from './agent-probe.ts';
import { HttpAgentProbe } from './http-agent-probe.ts';

const limits = { connectTimeoutMs: 2_000, answerTimeoutMs: 5_000 };
const host = `127.${2 + Math.floor(Math.random() * 250)}.77.1`;
const target = (protocol: ServerProtocol) => ({ address: { host }, protocol });

test('an agent is healthy when /ping answers 2xx, whatever its body', async () => {
  verifies('sessions:readiness', 'sessions:ping-bounded');
  const answers: [status: number, body: string, expected: object][] = [
    [
      200,
      '{"status":"HealthyBusy","time_of_last_update":1700000000}',
      { status: 'HealthyBusy', lastUpdatedAtMs: 1_700_000_000_000 },
    ],
    [204, '', { status: 'Healthy', lastUpdatedAtMs: undefined }],
    [200, 'pong', { status: 'Healthy', lastUpdatedAtMs: undefined }],
    [200, 'x'.repeat(1_000_000), { status: 'Healthy', lastUpdatedAtMs: undefined }],
  ];
  for (const [status, body, expected] of answers) {
    await using _agent = await httpAgent((request, response) => {
      response.writeHead(request.url === '/ping' ? status : 404).end(body);
    });
    assert.deepEqual(await probe().check(target('HTTP'), limits), expected);
  }
});

test('an endless answer is not read to its end', async () => {
  verifies('sessions:ping-bounded');
  await using _agent = await httpAgent((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  });
  assert.equal((await probe().check(target('HTTP'), limits)).status, 'Healthy');
});

test('anything else is a failure that says what was met', async () => {
  verifies('sessions:readiness', 'sessions:start-fails');
  await assert.rejects(probe().check(target('HTTP'), limits), {
    kind: 'unreachable',
    message: 'ECONNREFUSED',
  });
  {
    await using _agent = await httpAgent((_request, response) => response.writeHead(503).end());
    await assert.rejects(probe().check(target('HTTP'), limits), {
      kind: 'bad-answer',
      message: 'status 503',
    });
  }
  {
    await using _agent = await tcpAgent('HTTP', (socket) => socket.end('SSH-2.0-nonsense\r\n'));
    await assert.rejects(probe().check(target('HTTP'), limits), { kind: 'bad-answer' });
  }
});

test('an answer that does not come is given up', async () => {
  verifies('sessions:ping-bounded');
  const clock = new FakeClock();
  const asked = Promise.withResolvers<void>();
  await using _agent = await httpAgent(() => asked.resolve());
  const refused = assert.rejects(new HttpAgentProbe({ clock }).check(target('HTTP'), limits), {
    kind: 'bad-answer',
    message: 'no complete answer within 5 s',
  });
  await asked.promise;
  await clock.advance(5_000);
  await refused;
});

test('an MCP server is healthy when its port is open: it has no /ping', async () => {
  verifies('sessions:readiness');
  await assert.rejects(probe().check(target('MCP'), limits), { kind: 'unreachable' });
  await using _agent = await tcpAgent('MCP', (socket) => socket.resume());
  assert.equal((await probe().check(target('MCP'), limits)).status, 'Healthy');
  assert.deepEqual(await probe().openPorts({ host }, [8000, 3000]), [8000]);
});

test('times are seconds, milliseconds or ISO texts', () => {
  verifies('sessions:ping-bounded');
  const timeOf = (value: string) =>
    readPing(`{"status":"Healthy","time_of_last_update":${value}}`).lastUpdatedAtMs;
  assert.equal(timeOf('1700000000.5'), 1_700_000_000_500);
  assert.equal(timeOf('1700000000500'), 1_700_000_000_500);
  assert.equal(timeOf('"2026-01-01T00:00:00Z"'), Date.UTC(2026, 0, 1));
  for (const odd of ['"soon"', 'null', '{}', '1e999']) assert.equal(timeOf(odd), undefined);
});

function probe(): HttpAgentProbe {
  return new HttpAgentProbe({ clock: systemClock });
}

function httpAgent(onRequest: RequestListener): Promise<AsyncDisposable> {
  return listening(createHttpServer(onRequest), 'HTTP');
}

function tcpAgent(
  protocol: ServerProtocol,
  onConnection: (socket: Socket) => void,
): Promise<AsyncDisposable> {
  return listening(
    createTcpServer((socket) => onConnection(socket.on('error', () => {}))),
    protocol,
  );
}

async function listening(server: Server, protocol: ServerProtocol): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(protocolPorts[protocol], host);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
