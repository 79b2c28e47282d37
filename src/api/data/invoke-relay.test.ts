import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { verifies } from '../../../test/requirements.ts';
import { DataPlaneFixture, echoPath, sessionHeader } from './testing/data-plane-fixture.ts';

/** Answers with what arrived: headers in JSON, then the body. */
async function mirror(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ url: request.url, method: request.method, headers: request.headers, body }));
}

function seen(answer: { body: string }): {
  url: string;
  headers: Record<string, string | undefined>;
  body: string;
} {
  return JSON.parse(answer.body);
}

test('bytes of any kind pass in both directions as they are', async () => {
  verifies('invocations:byte-for-byte');
  const bytes = gzipSync(randomBytes(100_000));
  await using fixture = await DataPlaneFixture.open(async (request, response) => {
    const body = await buffer(request);
    response.writeHead(201, { 'content-type': 'image/png', 'content-encoding': 'gzip' }).end(body);
  });
  for (const claims of [true, false]) {
    const response = await fixture.open({ body: bytes, claims, headers: { 'content-type': 'image/png' } });
    assert.equal(response.statusCode, 201);
    assert.deepEqual(
      [response.headers['content-type'], response.headers['content-encoding']],
      ['image/png', 'gzip'],
    );
    assert.deepEqual(await buffer(response), bytes);
  }
});

test('the agent sees the session, a request id, trace and allowed headers, and nothing of the signature', async () => {
  verifies('invocations:request-headers', 'invocations:user-id', 'invocations:session-id');
  await using fixture = await DataPlaneFixture.open(mirror);
  fixture.sessions.targets.addVersion('echo-AbCdEf1234' as never, 2, {
    headerAllowlist: ['X-Tenant', 'X-Amz-Date', 'X-Hop'],
  });
  const answer = await fixture.call({
    session: 's1',
    body: '{}',
    claims: true,
    headers: {
      'x-amz-date': '20260101T000000Z',
      'amz-sdk-invocation-id': 'abc',
      cookie: 'a=b',
      'x-tenant': 'blue',
      'x-other': 'no',
      'x-hop': 'no',
      connection: 'x-hop',
      'x-amzn-bedrock-agentcore-runtime-custom-colour': 'red',
      'x-amzn-bedrock-agentcore-runtime-user-id': 'jane',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'accept-encoding': 'gzip',
    },
  });
  const { headers, url } = seen(answer);
  const requestId = headers['x-amzn-bedrock-agentcore-runtime-request-id'];
  assert.equal(url, '/invocations');
  assert.deepEqual(Object.keys(headers).sort(), [
    'accept',
    'accept-encoding',
    'connection',
    'content-length',
    'content-type',
    'host',
    'traceparent',
    'workloadaccesstoken',
    'x-amz-bedrock-agentcore-identity-wat',
    'x-amzn-bedrock-agentcore-runtime-custom-colour',
    'x-amzn-bedrock-agentcore-runtime-request-id',
    'x-amzn-bedrock-agentcore-runtime-session-id',
    'x-amzn-trace-id',
    'x-tenant',
  ]);
  assert.equal(headers[sessionHeader], answer.headers[sessionHeader]);
  assert.equal(requestId, answer.headers['x-amzn-requestid']);
  assert.equal(
    headers['x-amzn-trace-id'],
    'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
  );
  assert.equal(answer.headers['x-amzn-trace-id'], headers['x-amzn-trace-id']);
  assert.equal(answer.headers['traceparent'], headers['traceparent']);
});

test('as many and as large custom headers as the contract allows reach the agent', async () => {
  verifies('invocations:request-headers');
  await using fixture = await DataPlaneFixture.open((request, response) => {
    const custom = Object.entries(request.headers).filter(([name]) => name.includes('-runtime-custom-'));
    response.end(String(custom.reduce((sum, [, value]) => sum + String(value).length, 0)));
  });
  const names = Array.from({ length: 20 }, (_, at) => `x-amzn-bedrock-agentcore-runtime-custom-${at}`);
  const headers = Object.fromEntries(names.map((name) => [name, 'x'.repeat(4096)]));
  const answer = await fixture.call({ session: 's1', headers: { ...headers, baggage: 'y'.repeat(8192) } });
  assert.deepEqual([answer.status, answer.body], [200, String(20 * 4096)]);
});

test("the caller sees the agent's headers but for cookies, connection headers and the service's own", async () => {
  verifies('invocations:response-headers');
  await using fixture = await DataPlaneFixture.open((_request, response) => {
    response.writeHead(202, {
      'set-cookie': 'a=b',
      'strict-transport-security': 'max-age=1',
      'x-amzn-errortype': 'Lies',
      [sessionHeader]: 'lies',
      'x-hop': 'no',
      connection: 'x-hop',
      'x-colour': 'red',
      tracestate: 'agent=1',
    });
    response.end('done');
  });
  const { status, headers, body } = await fixture.call({
    session: 's1',
    headers: { tracestate: 'caller=1' },
  });
  assert.deepEqual([status, body], [202, 'done']);
  assert.equal(headers['x-colour'], 'red');
  assert.equal(headers['tracestate'], 'agent=1');
  assert.equal(headers['content-type'], 'application/octet-stream');
  assert.match(String(headers[sessionHeader]), /^s1-+$/);
  for (const name of ['set-cookie', 'strict-transport-security', 'x-amzn-errortype', 'x-hop'])
    assert.ok(!(name in headers), name);
});

test('Content-Type and Accept get the defaults that agents need', async () => {
  verifies('invocations:content-defaults');
  await using fixture = await DataPlaneFixture.open(mirror);
  const typeFor = async (body: string, contentType: string | undefined, claims: boolean) => {
    const headers = contentType === undefined ? {} : { 'content-type': contentType };
    const answer = seen(await fixture.call({ session: 's1', body, claims, headers }));
    assert.equal(answer.body, body);
    return answer.headers['content-type'];
  };
  for (const claims of [true, false]) {
    assert.equal(await typeFor('plain', undefined, claims), 'application/json');
    assert.equal(await typeFor(' \n{"a":1}', 'application/octet-stream', claims), 'application/json');
    assert.equal(await typeFor('%PDF', 'application/octet-stream', claims), 'application/octet-stream');
    assert.equal(await typeFor('   ', 'application/octet-stream', claims), 'application/octet-stream');
    assert.equal(await typeFor('', 'application/octet-stream', claims), 'application/octet-stream');
    assert.equal(await typeFor('{}', 'text/plain', claims), 'text/plain');
  }
  const acceptFor = async (accept: string | undefined) =>
    seen(await fixture.call({ session: 's1', ...(accept !== undefined && { headers: { accept } }) })).headers[
      'accept'
    ];
  assert.equal(await acceptFor(undefined), 'text/event-stream, application/json');
  assert.equal(await acceptFor('*/*'), 'text/event-stream, application/json');
  assert.equal(await acceptFor('application/json'), 'application/json');
});

test('head and chunks arrive when the agent sends them, not when it is done', async () => {
  verifies('invocations:first-byte', 'invocations:byte-for-byte');
  let agent: ServerResponse | undefined;
  await using fixture = await DataPlaneFixture.open((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    agent = response;
  });
  const response = await fixture.open({ session: 's1', body: '{}' });
  assert.equal(response.headers['content-type'], 'text/event-stream');
  for (const event of ['data: 1\n\n', 'data: "two"\n\n', ': heartbeat\n\n']) {
    agent?.write(event);
    const [chunk] = (await once(response, 'data')) as [Buffer];
    assert.equal(chunk.toString(), event);
  }
  agent?.end();
  await once(response, 'end');
});

test('100 MB pass in each direction in flat memory', async () => {
  verifies('invocations:flat-memory', 'invocations:body-limit');
  const chunk = randomBytes(1_000_000);
  const hash = createHash('sha256');
  for (let index = 0; index < 100; index += 1) hash.update(chunk);
  const sha256 = hash.digest('hex');
  await using fixture = await DataPlaneFixture.open(async (request, response) => {
    const received = createHash('sha256');
    for await (const piece of request) received.update(piece as Buffer);
    response.setHeader('x-received', received.digest('hex'));
    for (let index = 0; index < 100; index += 1) {
      if (!response.write(chunk)) await once(response, 'drain');
    }
    response.end();
  });
  const request = fixture.start({
    session: 's1',
    headers: {
      authorization: 'KEY invoke',
      'x-amz-content-sha256': sha256,
      'content-length': 100_000_000,
      [sessionHeader]: 's'.repeat(33),
    },
  });
  const before = heldBytes();
  let highest = before;
  const look = (index: number) => {
    if (index % 20 === 0) highest = Math.max(highest, heldBytes());
  };
  for (let index = 0; index < 100; index += 1) {
    if (!request.write(chunk)) await once(request, 'drain');
    look(index);
  }
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(response.headers['x-received'], sha256);
  const answered = createHash('sha256');
  let pieces = 0;
  for await (const piece of response) {
    answered.update(piece as Buffer);
    look((pieces += 1));
  }
  assert.equal(answered.digest('hex'), sha256);
  // Caller, relay and agent share this process; a copy of either body alone would be more than this.
  assert.ok(highest - before < 64e6, `grew by ${Math.round((highest - before) / 1e6)} MB`);
});

test('a caller that sends all before it reads gets the answer of an agent that did not wait for it', async () => {
  verifies('invocations:early-answer');
  await using fixture = await DataPlaneFixture.open((request, response) => {
    request.pause();
    response.end('enough');
  });
  const body = Buffer.alloc(20_000_000);
  const sent = fixture.start({ session: 's1', body, claims: true });
  const head = sent.getHeaders();
  sent.on('error', () => {}).destroy();
  const socket = connect(fixture.port, '127.0.0.1').pause();
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  socket.write(`POST ${echoPath}/invocations HTTP/1.1\r\n${lines.join('')}connection: close\r\n\r\n`);
  await new Promise((resolve) => socket.write(body, resolve));
  assert.match(await text(socket), /^HTTP\/1\.1 200 OK.*enough/s);
});

test('one byte too many is refused before an agent is started, by its length or while it is spooled', async () => {
  verifies('invocations:body-limit', 'invocations:refused-starts-nothing');
  await using fixture = await DataPlaneFixture.open(mirror);
  const declared = fixture.start({
    session: 's1',
    headers: { authorization: 'KEY invoke', 'content-length': 100_000_001 },
  });
  declared.on('error', () => {});
  declared.write('{');
  const [early] = (await once(declared, 'response')) as [IncomingMessage];
  assert.equal(early.statusCode, 400);
  assert.equal(early.headers['x-amzn-errortype'], 'ValidationException');
  assert.match(await text(early), /larger than 100000000 bytes/);
  declared.destroy();

  const chunked = fixture.start({ session: 's1' });
  const answered = once(chunked, 'response') as Promise<[IncomingMessage]>;
  const piece = Buffer.alloc(1_000_000);
  for (let index = 0; index < 100; index += 1) if (!chunked.write(piece)) await once(chunked, 'drain');
  chunked.end('x');
  const [late] = await answered;
  assert.equal(late.statusCode, 400);
  assert.equal(fixture.sessions.driver.starts.length, 0);
});

test('an answer that is not 2xx is 424 with its status, as AWS words it', async () => {
  verifies('invocations:agent-error');
  await using fixture = await DataPlaneFixture.open((request, response) => {
    request.resume();
    response
      .writeHead(Number(request.headers['x-amzn-bedrock-agentcore-runtime-custom-status']))
      .end('secret details');
  });
  for (const status of [302, 400, 404, 500]) {
    const headers = { 'x-amzn-bedrock-agentcore-runtime-custom-status': String(status) };
    const answer = await fixture.call({ session: 's1', body: '{}', headers });
    assert.equal(answer.status, 424);
    assert.equal(answer.headers['x-amzn-errortype'], 'RuntimeClientError');
    assert.deepEqual(JSON.parse(answer.body), {
      message: `Received error (${status}) from runtime. Please check your CloudWatch logs for more information.`,
    });
  }
});

test('an agent that drops the call, or that died, is 424 with what is known, and the agent ran once', async () => {
  verifies('invocations:agent-unreachable', 'invocations:never-twice', 'sessions:crash');
  let calls = 0;
  await using fixture = await DataPlaneFixture.open((request) => {
    calls += 1;
    request.socket.destroy();
  });
  const dropped = await fixture.call({ session: 's1', body: '{}' });
  assert.equal(dropped.status, 424);
  assert.match(dropped.body, /closed the connection before it answered/);
  assert.equal(calls, 1);

  const running = fixture.call({ session: 's2', body: '{}', headers: { 'x-a': '1' } });
  await running;
  const [first] = fixture.sessions.driver.sandboxes;
  assert.ok(first);
});

test('a process that ends during a call is told as such', async () => {
  verifies('invocations:agent-unreachable', 'sessions:crash');
  const invoked = Promise.withResolvers<void>();
  await using fixture = await DataPlaneFixture.open(() => invoked.resolve());
  const answer = fixture.call({ session: 's1', body: '{}' });
  await invoked.promise;
  const [sandbox] = fixture.sessions.driver.sandboxes;
  assert.ok(sandbox);
  await fixture.sessions.driver.exit(sandbox.id, { exitCode: 137, outOfMemory: true });
  assert.equal((await answer).status, 424);
  assert.match((await answer).body, /ran out of memory/);
});

test('an agent that dies in mid-stream cuts the connection and nothing is appended', async () => {
  verifies('invocations:dies-in-mid-stream');
  await using fixture = await DataPlaneFixture.open((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n', () => setImmediate(() => request.socket.resetAndDestroy()));
  });
  const response = await fixture.open({ session: 's1', body: '{}' });
  let received = '';
  await assert.rejects(async () => {
    for await (const chunk of response) received += String(chunk);
  });
  assert.equal(received, 'data: 1\n\n');
  assert.equal((await fixture.sessions.find('s1'))?.state, 'ready');
});

test('a chunked body that lies, or breaks off, costs nothing but an error', async () => {
  verifies('invocations:bad-uploads');
  await using fixture = await DataPlaneFixture.open(mirror);
  const head = `POST ${echoPath}/invocations HTTP/1.1\r\nhost: x\r\nauthorization: KEY invoke\r\n`;
  const liar = connect(fixture.port, '127.0.0.1');
  liar.write(`${head}transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n`);
  assert.match(await text(liar), /^HTTP\/1.1 400 /);
  const quitter = connect(fixture.port, '127.0.0.1');
  quitter.end(`${head}content-length: 10\r\n\r\nhalf`);
  await text(quitter);
  assert.equal(fixture.sessions.driver.starts.length, 0);
  assert.equal((await fixture.call({ session: 's1', body: '{}' })).status, 200);
  assert.deepEqual(fixture.failures, []);
});

test('a body that is not the one that was signed resets the agent and is 403', async () => {
  verifies('invocations:wrong-hash');
  const broken = Promise.withResolvers<boolean>();
  await using fixture = await DataPlaneFixture.open((request, response) => {
    request.resume().on('error', () => {});
    request.on('close', () => broken.resolve(!request.complete));
    request.on('end', () => response.end('accepted'));
  });
  const headers = {
    authorization: 'KEY invoke',
    'x-amz-content-sha256': 'f'.repeat(64),
    'content-type': 'text/plain',
  };
  const direct = await fixture.call({
    session: 's1',
    body: 'x'.repeat(300_000),
    headers: { ...headers, 'content-length': 300_000, [sessionHeader]: 's'.repeat(33) },
  });
  assert.equal(direct.status, 403);
  assert.equal(direct.headers['x-amzn-errortype'], 'InvalidSignatureException');
  assert.equal(await broken.promise, true);

  const starts = fixture.sessions.driver.starts.length;
  const spooled = await fixture.call({
    session: 'other',
    body: 'x',
    headers: { authorization: 'KEY invoke', 'x-test-sha256': 'f'.repeat(64) },
  });
  assert.equal(spooled.status, 403);
  assert.equal(fixture.sessions.driver.starts.length, starts);
});

/** What is really held, whatever the collector has put off. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
