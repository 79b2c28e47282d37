import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { verifies } from '../../../../test/requirements.ts';
import { sessionNamed } from '../../../sessions/testing/sessions-fixture.ts';
import {
  type Answer,
  type Call,
  DataPlaneFixture,
  echoPath,
  sessionHeader,
} from '../testing/data-plane-fixture.ts';

const mcpHeader = 'mcp-session-id';
const accept = 'application/json, text/event-stream';
const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };

/** A server that answers a handshake with `serverId`, or without an id, and notes what it gets. */
class McpServer {
  readonly seen: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders }[] = [];
  serverId: string | undefined;
  status = 200;

  readonly onInvoke = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url, headers } = request;
    this.seen.push({ method, url, headers });
    const body = await text(request);
    if (this.serverId !== undefined && body.includes('"initialize"'))
      response.setHeader(mcpHeader, this.serverId);
    response.writeHead(this.status, { 'content-type': 'application/json' });
    response.end(this.status === 202 ? '' : '{"jsonrpc":"2.0","id":1,"result":{}}');
  };

  /** The MCP session id of each request. */
  get ids(): unknown[] {
    return this.seen.map(({ headers }) => headers[mcpHeader]);
  }
}

async function open() {
  const server = new McpServer();
  const plane = await DataPlaneFixture.open(server.onInvoke, { protocol: 'MCP' });
  const call = (message: object | undefined, id?: string, more: Call = {}): Promise<Answer> =>
    plane.call({
      ...more,
      ...(message && { body: JSON.stringify(message) }),
      headers: { accept, ...(id !== undefined && { [mcpHeader]: id }), ...more.headers },
    });
  return {
    server,
    plane,
    call,
    get sandboxes() {
      return plane.sessions.driver.starts.length;
    },
    [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose](),
  };
}

/** Those that the answer names, also one that it names twice. */
function idsIn({ headers }: Answer): string[] {
  return String(headers[mcpHeader]).split(', ');
}

test('a stateful server chooses the id; it is told once and leads back to the same sandbox', async () => {
  verifies('mcp:handshake', 'mcp:same-sandbox');
  await using fixture = await open();
  const { server, call } = fixture;
  server.serverId = 'chosen-by-server';
  const first = await call(initialize);
  assert.deepEqual([first.status, idsIn(first)], [200, ['chosen-by-server']]);
  const second = await call(list, 'chosen-by-server');
  assert.deepEqual(idsIn(second), ['chosen-by-server']);
  assert.deepEqual(server.ids, [undefined, 'chosen-by-server']);
  assert.equal(first.headers[sessionHeader], second.headers[sessionHeader]);
  assert.deepEqual(
    server.seen.map(({ method, url }) => [method, url]),
    [
      ['POST', '/mcp'],
      ['POST', '/mcp'],
    ],
  );
  assert.equal(fixture.sandboxes, 1);
});

test('a stateless server is given the id of the platform', async () => {
  verifies('mcp:handshake', 'mcp:same-sandbox');
  await using fixture = await open();
  const { server, call } = fixture;
  const [id = ''] = idsIn(await call(initialize));
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(idsIn(await call(list, id)), [id]);
  assert.deepEqual(server.ids, [undefined, id]);
  assert.equal(fixture.sandboxes, 1);
  const [other] = idsIn(await call(list));
  assert.notEqual(other, id);
  assert.equal(fixture.sandboxes, 2);
});

test("a client's own id stays its name, whatever the server chose", async () => {
  verifies('mcp:own-id', 'mcp:stop');
  await using fixture = await open();
  const { server, call, plane } = fixture;
  const own = sessionNamed('own');
  server.serverId = 'chosen-by-server';
  assert.deepEqual(idsIn(await call(initialize, own)), [own]);
  assert.deepEqual(idsIn(await call(list, own)), [own]);
  assert.deepEqual(server.ids, [undefined, 'chosen-by-server']);
  const stop = await plane.call({ path: `${echoPath}/stopruntimesession`, session: 'own', body: '{}' });
  assert.equal(stop.status, 200);
  assert.deepEqual(plane.sessions.driver.sandboxes, []);
});

test('StopRuntimeSession takes the id that the server chose, however short', async () => {
  verifies('mcp:stop');
  await using fixture = await open();
  const { server, call, plane } = fixture;
  server.serverId = 'short';
  await call(initialize);
  const stop = await plane.call({
    path: `${echoPath}/stopruntimesession`,
    headers: { [sessionHeader]: 'short' },
  });
  assert.deepEqual([stop.status, stop.headers[sessionHeader]], [200, 'short']);
  assert.deepEqual(plane.sessions.driver.sandboxes, []);
});

test('the MCP header routes where both are there', async () => {
  verifies('mcp:routing-header');
  await using fixture = await open();
  const { call } = fixture;
  const id = sessionNamed('mcp');
  await call(initialize, id);
  const answer = await call(list, id, { session: 'runtime' });
  assert.deepEqual([idsIn(answer), answer.headers[sessionHeader], fixture.sandboxes], [[id], id, 1]);
  const other = await call(list, undefined, { session: 'runtime' });
  assert.deepEqual([idsIn(other), fixture.sandboxes], [[sessionNamed('runtime')], 2]);
});

test('an agent cannot take the name of a session that is not its own', async () => {
  verifies('mcp:aliases-are-safe');
  await using fixture = await open();
  const { server, call } = fixture;
  server.serverId = 'of-the-first';
  const first = await call(initialize);
  const [evil = ''] = idsIn(await call(initialize));
  assert.notEqual(evil, 'of-the-first');
  const again = await call(list, 'of-the-first');
  assert.equal(again.headers[sessionHeader], first.headers[sessionHeader]);
  await call(list, evil);
  assert.equal(server.ids.at(-1), 'of-the-first');
  assert.equal(fixture.sandboxes, 2);
});

test('GET and DELETE reach the session that is live, and start nothing', async () => {
  verifies('mcp:methods', 'mcp:headers');
  await using fixture = await open();
  const { server, call } = fixture;
  const id = sessionNamed('live');
  for (const method of ['GET', 'DELETE']) {
    assert.equal((await call(undefined, id, { method })).status, 404);
    assert.equal((await call(undefined, undefined, { method })).status, 400);
  }
  assert.equal(fixture.sandboxes, 0);
  await call(initialize, id);
  for (const method of ['GET', 'DELETE']) {
    const headers = {
      'last-event-id': '7',
      'mcp-protocol-version': '2025-11-25',
      'mcp-method': 'a',
      'mcp-name': 'b',
    };
    assert.equal((await call(undefined, id, { method, headers })).status, 200);
    const last = server.seen.at(-1);
    assert.deepEqual([last?.method, last?.headers['content-length']], [method, undefined]);
    for (const [name, value] of Object.entries(headers)) assert.equal(last?.headers[name], value);
  }
});

test('what MCP clients act upon passes, what is in the name of the service does not', async () => {
  verifies('mcp:statuses');
  await using fixture = await open();
  const { server, call } = fixture;
  const id = sessionNamed('s');
  for (const status of [202, 400, 404, 405]) {
    server.status = status;
    assert.equal((await call(list, id)).status, status);
  }
  for (const status of [307, 401, 403, 429, 500, 503]) {
    server.status = status;
    const { status: seen, body } = await call(list, id);
    assert.equal(seen, 200);
    const { id: rpcId, error } = JSON.parse(body);
    assert.deepEqual([rpcId, error.code], [2, -32_010]);
    assert.match(error.message, new RegExp(`\\(${status}\\)`));
  }
  assert.equal((await call(undefined, id, { method: 'GET' })).status, 424);
});

test('an agent that says control characters in its head, or breaks off while its id is noted, costs its own caller an error', async () => {
  verifies('mcp:statuses', 'invocations:agent-answers');
  const answers = [
    `HTTP/1.1 200 OK\r\n${mcpHeader}: x\r\nx-evil: a\x01b\r\ncontent-length: 0\r\n\r\n`,
    `HTTP/1.1 200 OK\r\n${mcpHeader}: y\r\ncontent-length: 10\r\n\r\n`,
  ];
  for (const answer of answers) {
    await using plane = await DataPlaneFixture.open(
      (request) => {
        request.socket.end(answer);
      },
      { protocol: 'MCP' },
    );
    const call = plane.call({ body: JSON.stringify(initialize), headers: { accept } });
    const outcome = await call.then(
      ({ body }) => JSON.parse(body || '{}').error?.code,
      (error: Error) => error.message,
    );
    assert.ok(outcome === -32_010 || outcome === 'aborted', String(outcome));
    assert.deepEqual(plane.failures, []);
  }
});

test('a body of a GET or DELETE never reaches the server, not as a request of its own either', async () => {
  verifies('mcp:methods', 'wire:no-smuggling');
  await using fixture = await open();
  const { server, call } = fixture;
  const id = sessionNamed('live');
  await call(initialize, id);
  const hidden = 'POST /admin HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n';
  for (const claims of [true, false])
    for (const method of ['GET', 'DELETE'])
      assert.equal((await call(undefined, id, { method, body: hidden, claims })).status, 200);
  await call(list, id);
  assert.deepEqual(
    server.seen.map(({ method, url }) => `${method} ${url}`),
    ['POST', 'GET', 'DELETE', 'GET', 'DELETE', 'POST'].map((method) => `${method} /mcp`),
  );
});

test('Accept must name what an answer may be', async () => {
  verifies('mcp:accept');
  await using fixture = await open();
  const { call, plane } = fixture;
  for (const bad of ['application/json', 'text/event-stream', '*/*', 'text/html, text/event-stream;q=1']) {
    const { status, body } = await call(list, undefined, { headers: { accept: bad } });
    assert.deepEqual([status, JSON.parse(body).error.code, JSON.parse(body).id], [406, -32_011, 2], bad);
  }
  assert.equal((await plane.call({ body: JSON.stringify(list) })).status, 406);
  const get = await call(undefined, 'x', { method: 'GET', headers: { accept: 'application/json' } });
  assert.equal(get.status, 406);
  assert.equal(fixture.sandboxes, 0);
  const good = await call(list, undefined, {
    headers: { accept: 'text/event-stream;q=0.5,Application/JSON' },
  });
  assert.equal(good.status, 200);
});
