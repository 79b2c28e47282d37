import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { verifies } from '../../../test/requirements.ts';
import { decodeShellFrame, encodeShellFrame } from '../../shared/shell-frames.ts';
import { fakeContext, type FakeWorld } from '../testing/fake-context.ts';
import { fakeServer, runtimeNamed } from '../testing/fake-server.ts';

const hello = runtimeNamed('hello_node');
const list = { 'POST /runtimes/': { agentRuntimes: [hello] } };
const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';
const session = 's'.repeat(33);
const line = ['shell', 'hello_node', '--session', session, '--shell', 'debug'];

const connected = (metadata = {}) =>
  encodeShellFrame(
    'status',
    JSON.stringify({ metadata: { shellId: 'debug', ...metadata }, status: 'Success' }),
  );
const exited = (code: number) =>
  encodeShellFrame(
    'status',
    JSON.stringify({
      metadata: {},
      status: code === 0 ? 'Success' : 'Failure',
      details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    }),
  );

/** A server's end of a shell. */
interface Connection {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** What came, by channel and text. */
  readonly seen: string[];
}

/** A user at a terminal, and the connections that reach the server, in order. */
async function shellWorld(world: FakeWorld = {}) {
  const sockets = new WebSocketServer({ noServer: true });
  const waiting: ((connection: Connection) => void)[] = [];
  const server = await fakeServer(list, 0, (request, duplex, head) => {
    sockets.handleUpgrade(request, duplex, head, (socket) => {
      const seen: string[] = [];
      socket.on('message', (data: Buffer) => {
        const frame = decodeShellFrame(data);
        seen.push(`${frame?.channel} ${frame?.payload.toString()}`);
      });
      waiting.shift()?.({ socket, request, seen });
    });
  });
  const user = await fakeContext({ env: server.env, isTTY: true, ...world });
  return {
    user,
    next: () => new Promise<Connection>((resolve) => waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      await user[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate();
}

describe('berth shell', { timeout: 180_000 }, () => {
  it('is a terminal: keys, output, size, exit code', async () => {
    verifies('cli:shell');
    await using world = await shellWorld();
    const { user } = world;
    const arrival = world.next();

    const done = user.run(...line, '--endpoint', 'prod');
    const { socket, request, seen } = await arrival;
    socket.send(connected());
    socket.send(encodeShellFrame('stdout', '\u001b[1m$ '));
    await until(() => seen.length === 1);
    user.press('ls\u0003');
    await until(() => seen.length === 2);
    user.resize(100, 50);
    await until(() => seen.length === 3 && user.stdout() !== '');
    socket.send(exited(7));
    socket.close(1000);

    assert.equal(await done, 7);
    assert.equal(user.stdout(), '\u001b[1m$ ');
    assert.deepEqual(seen, [
      'resize {"width":80,"height":24}',
      'stdin ls\u0003',
      'resize {"width":100,"height":50}',
    ]);
    assert.equal(request.url?.split('?')[1], 'qualifier=prod&shellId=debug');
    assert.equal(request.headers[sessionHeader], session);
    assert.match(String(request.headers.authorization), /^AWS4-HMAC-SHA256 /);
    assert.match(user.stderr(), new RegExp(`^session: ${session}\nshell: debug `));
  });

  it('is left by Ctrl-], and says how to come back', async () => {
    verifies('cli:shell');
    await using world = await shellWorld();
    const { user } = world;
    const arrival = world.next();

    const done = user.run(...line);
    const { socket, seen } = await arrival;
    socket.send(connected());
    await until(() => seen.length === 1);
    user.press('last\u001dnever');

    assert.equal((await once(socket, 'close'))[0], 1000);
    assert.equal(await done, 0);
    assert.equal(seen.at(-1), 'stdin last');
    assert.match(user.stderr(), new RegExp(`berth shell hello_node --session ${session} --shell debug`));
  });

  it('connects again when the connection breaks, and tells what was lost', async () => {
    verifies('cli:shell');
    await using world = await shellWorld();
    const { user } = world;
    const [first, second, third] = [world.next(), world.next(), world.next()];

    const done = user.run(...line);
    user.press('early');
    const { socket: broken, seen: early } = await first;
    broken.send(connected({ reconnected: false }));
    await until(() => early.length === 2);
    broken.terminate();
    (await second).socket.close(1001);
    const { socket, request } = await third;
    socket.send(connected({ reconnected: true, bytesDropped: 5 }));
    socket.send(encodeShellFrame('stderr', 'a \u001b[2Jnotice'));
    socket.send(exited(0));
    socket.close(1000);

    assert.equal(await done, 0);
    assert.equal(user.stderr().match(/connecting again/g)?.length, 2);
    assert.ok(early.includes('stdin early'), early.join());
    assert.match(user.stderr(), /5 bytes of output were lost/);
    assert.match(user.stderr(), /a \\x1b\[2Jnotice/);
    assert.equal(request.url?.split('?')[1], 'shellId=debug');
  });

  it('drops what was typed for a shell that is gone, and says so', async () => {
    verifies('cli:shell');
    await using world = await shellWorld();
    const { user } = world;
    const [first, second] = [world.next(), world.next()];

    const done = user.run(...line);
    const { socket: broken } = await first;
    broken.send(connected({ reconnected: false }));
    broken.terminate();
    await until(() => /connecting again/.test(user.stderr()));
    user.press('rm -r work');
    const { socket, seen } = await second;
    socket.send(connected({ reconnected: false }));
    await until(() => /this is a new one/.test(user.stderr()));
    user.press('ls');
    await until(() => seen.some((line) => line.includes('ls')));
    assert.ok(!seen.some((line) => line.includes('rm')), seen.join());
    socket.send(exited(0));
    socket.close(1000);
    assert.equal(await done, 0);
  });

  it('says when another client has taken it over, and what the server refuses', async () => {
    verifies('cli:shell');
    await using world = await shellWorld();
    const { user } = world;
    const arrival = world.next();

    const done = user.run(...line, '--bearer-token', 'a.b.c');
    const { socket, request } = await arrival;
    socket.close(4000);

    assert.equal(await done, 1);
    assert.match(user.stderr(), /Another client has taken over/);
    assert.equal(request.headers.authorization, 'Bearer a.b.c');
    await using refusing = await fakeServer(list, 0, (_request, socket) => {
      const body = '{"message":"not allowed"}';
      socket.end(
        `HTTP/1.1 403 Forbidden\r\nx-amzn-errortype: AccessDeniedException\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    });
    await using other = await fakeContext({ env: refusing.env, isTTY: true });
    assert.equal(await other.run(...line), 4);
    assert.match(other.stderr(), /AccessDeniedException: not allowed/);
  });

  it('needs a terminal', async () => {
    verifies('cli:shell');
    await using user = await fakeContext();

    assert.equal(await user.run(...line), 2);

    assert.match(user.stderr(), /berth exec/);
  });
});
