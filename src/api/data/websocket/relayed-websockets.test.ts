import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import type { UpgradeListener } from '../../../../test/fakes/fake-sandbox-driver.ts';
import { verifies } from '../../../../test/requirements.ts';
import { echo, sessionNamed } from '../../../sessions/testing/sessions-fixture.ts';
import { echoPath, sessionHeader } from '../testing/data-plane-fixture.ts';
import { closeOf, WebSocketAgent } from '../testing/websocket-agent.ts';
import { FakeTokens } from '../testing/fake-tokens.ts';
import { connectWebSocket, refusalOf } from '../testing/websocket-client.ts';
import { connect, connectBoth, ended, openWithAgent, reply } from '../testing/websocket-pairs.ts';

const custom = 'X-Amzn-Bedrock-AgentCore-Runtime-Custom-';

describe('a WebSocket to an agent', () => {
  it('carries text, binary, fragments, pings and 64 KB frames both ways', async () => {
    verifies('websocket:untouched');
    const agent = new WebSocketAgent();
    await using fixture = await openWithAgent(agent.onUpgrade);
    const { caller, agent: agentEnd } = await connectBoth(fixture, agent);
    assert.equal(await reply(caller, 'grüße'), 'grüße');
    for (const size of [0, 125, 126, 65_535, 65_536]) {
      const bytes = randomBytes(size);
      assert.deepEqual(await reply(caller, bytes), bytes);
    }
    const whole = once(caller, 'message') as Promise<[Buffer]>;
    caller.send('one ', { fin: false });
    caller.send('two', { fin: true });
    assert.equal(String((await whole)[0]), 'one two');
    const pong = once(caller, 'pong') as Promise<[Buffer]>;
    caller.ping('from the caller');
    assert.equal(String((await pong)[0]), 'from the caller');
    const agentPong = once(agentEnd, 'pong') as Promise<[Buffer]>;
    agentEnd.ping('from the agent');
    assert.equal(String((await agentPong)[0]), 'from the agent');
    caller.close();
    await once(caller, 'close');
    assert.deepEqual(fixture.failures, []);
  });

  it('is compressed when caller and agent agree on it', async () => {
    verifies('websocket:untouched', 'websocket:handshake');
    const agent = new WebSocketAgent({ perMessageDeflate: { threshold: 0 } });
    await using fixture = await openWithAgent(agent.onUpgrade);
    const { caller } = await connectBoth(fixture, agent, {
      options: { perMessageDeflate: { threshold: 0 } },
    });
    assert.match(caller.extensions, /permessage-deflate/);
    // As it is on the wire it keeps to the limit of a frame.
    const text = 'a'.repeat(500_000);
    assert.equal(await reply(caller, text), text);
    caller.terminate();
  });

  it('shows the agent what an invocation shows, and of the query what browsers cannot send otherwise', async () => {
    verifies('websocket:handshake', 'websocket:bearer');
    const agent = new WebSocketAgent();
    await using fixture = await openWithAgent(agent.onUpgrade);
    const session = sessionNamed('by-query');
    const { caller, headers, request } = await connectBoth(fixture, agent, {
      path: `${echoPath}/ws?qualifier=DEFAULT&${custom}Colour=dark%20red&${sessionHeader}=${session}&X-Amz-Expires=3`,
      headers: {
        authorization: 'KEY invoke',
        cookie: 'a=b',
        'x-amz-date': '20260101T000000Z',
        [`${custom}Size`]: '7',
      },
    });
    assert.deepEqual([request.method, request.url], ['GET', '/ws']);
    assert.deepEqual(Object.keys(request.headers).sort(), [
      'accept',
      'connection',
      'host',
      'sec-websocket-key',
      'sec-websocket-version',
      'upgrade',
      'x-amzn-bedrock-agentcore-runtime-custom-colour',
      'x-amzn-bedrock-agentcore-runtime-custom-size',
      'x-amzn-bedrock-agentcore-runtime-request-id',
      'x-amzn-bedrock-agentcore-runtime-session-id',
      'x-amzn-trace-id',
    ]);
    assert.equal(request.headers['x-amzn-bedrock-agentcore-runtime-custom-colour'], 'dark red');
    assert.equal(request.headers[sessionHeader], session);
    assert.equal(headers[sessionHeader], session);
    assert.equal(headers['x-amzn-requestid'], request.headers['x-amzn-bedrock-agentcore-runtime-request-id']);
    assert.equal(headers['x-amzn-trace-id'], request.headers['x-amzn-trace-id']);
    caller.terminate();
  });

  it('is opened with a bearer token among the sub-protocols, which the agent sees only as the header it asked for', async () => {
    verifies('websocket:bearer');
    const agent = new WebSocketAgent();
    await using fixture = await openWithAgent(agent.onUpgrade, { tokens: new FakeTokens() });
    const authorizer = { discoveryUrl: 'https://issuer.test/.well-known/openid-configuration' };
    const pair = 'base64UrlBearerAuthorization';
    const protocols = [`${pair}.${Buffer.from('jane').toString('base64url')}`, pair];
    for (const headerAllowlist of [[], ['Authorization']]) {
      fixture.sessions.targets.addVersion(echo, 1 + headerAllowlist.length, { authorizer, headerAllowlist });
      const { caller, request } = await connectBoth(fixture, agent, { protocols });
      assert.equal(caller.protocol, pair);
      assert.equal(request.headers['sec-websocket-protocol'], undefined);
      assert.equal(request.headers.authorization, headerAllowlist.length === 0 ? undefined : 'Bearer jane');
      caller.terminate();
    }
    assert.match((await ended(fixture)).caller, /^\["user","test","jane",/);
    const { socket, headers } = await connect(fixture, { headers: { authorization: 'Bearer joe' } });
    assert.equal(headers['sec-websocket-protocol'], undefined);
    socket.terminate();
    const refusal = await refusalOf(fixture, { headers: { authorization: 'KEY invoke' } });
    assert.deepEqual([refusal.status, refusal.error], [401, 'UnauthorizedException']);
    assert.match(String(refusal.headers['www-authenticate']), /^Bearer resource_metadata="http/);
  });

  it('is made with what the client itself sent when signed headers repeat some of it', async () => {
    verifies('websocket:handshake');
    const agent = new WebSocketAgent();
    await using fixture = await openWithAgent(agent.onUpgrade);
    const keys = [randomBytes(16).toString('base64'), randomBytes(16).toString('base64')];
    const request = fixture.start({
      method: 'GET',
      path: `${echoPath}/ws`,
      headers: {
        connection: 'Upgrade, Upgrade',
        upgrade: 'websocket, websocket',
        'sec-websocket-version': '13, 13',
        'sec-websocket-key': keys.join(', '),
      },
    });
    request.end();
    const [{ headers }, socket] = (await once(request, 'upgrade')) as [IncomingMessage, Socket];
    assert.equal(headers['sec-websocket-accept'], acceptFor(keys[0]));
    socket.destroy();
  });

  it('goes to the session that its caller names, and to a new one otherwise', async () => {
    verifies('websocket:handshake');
    const agent = new WebSocketAgent();
    await using fixture = await openWithAgent(agent.onUpgrade);
    const named = { headers: { [sessionHeader]: sessionNamed('s1') } };
    for (const call of [named, named, {}]) (await connectBoth(fixture, agent, call)).caller.terminate();
    assert.equal(fixture.sessions.driver.starts.length, 2);
  });

  it('passes codes and reasons of Close both ways, and tells the log', async () => {
    verifies('websocket:close', 'websocket:events');
    for (const closedBy of ['caller', 'agent'] as const) {
      const agent = new WebSocketAgent();
      await using fixture = await openWithAgent(agent.onUpgrade);
      const ends = await connectBoth(fixture, agent, { headers: { [sessionHeader]: sessionNamed('s1') } });
      await reply(ends.caller, 'hello');
      const [closing, closed] = closedBy === 'caller' ? [ends.caller, ends.agent] : [ends.agent, ends.caller];
      const both = Promise.all([closeOf(closed), closeOf(closing)]);
      closing.close(4_321, 'enough');
      const status = { code: 4_321, reason: 'enough' };
      assert.deepEqual(await both, [status, status]);
      const { requestId, durationMs, ...end } = await ended(fixture);
      assert.match(requestId, /^[0-9a-f-]{36}$/);
      assert.ok(durationMs >= 0);
      assert.deepEqual(end, {
        runtimeId: echo,
        sessionId: sessionNamed('s1'),
        caller: 'KEY',
        status: 101,
        closeCode: 4_321,
        closedBy,
        callerBytes: 6 + 5 + 6 + 8,
        agentBytes: 2 + 5 + 2 + 8,
      });
    }
  });

  it('is refused with 424 when the agent does not take it', async () => {
    verifies('websocket:agent-refuses');
    const answers: readonly (readonly [UpgradeListener | undefined, RegExp])[] = [
      [undefined, /Received error \(404\) from runtime/],
      [
        (_request, socket) => void socket.end('HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n'),
        /error \(403\) from/,
      ],
      [
        (_request, socket) => void socket.end('HTTP/1.1 200 Yes\r\ncontent-length: 0\r\n\r\n'),
        /answered 200/,
      ],
      [(_request, socket) => void socket.end('hello'), /not HTTP/],
      [(_request, socket) => void socket.destroy(), /closed the connection/],
      [(_request, socket) => void socket.write(`${switching}upgrade: h2c\r\n\r\n`), /another protocol/],
      [
        (_request, socket) => void socket.write(`${switching}upgrade: websocket\r\n\r\n`),
        /Sec-WebSocket-Accept/,
      ],
      [(request, socket) => void socket.write(acceptWithProtocol(request)), /sub-protocol/],
    ];
    for (const [onUpgrade, message] of answers) {
      await using fixture = await openWithAgent(onUpgrade);
      const refusal = await refusalOf(fixture);
      assert.deepEqual([refusal.status, refusal.error], [424, 'RuntimeClientError']);
      assert.match(refusal.message, message);
      assert.deepEqual(fixture.failures, []);
    }
  });

  it('is refused with 424 when the agent does not answer within a minute', async () => {
    verifies('websocket:agent-refuses');
    const clock = new FakeClock();
    const asked = Promise.withResolvers<void>();
    await using fixture = await openWithAgent(() => asked.resolve(), { clock });
    const refusal = refusalOf(fixture);
    await asked.promise;
    await clock.advance(60_000);
    assert.match((await refusal).message, /within 60 seconds/);
  });

  it('lets the agent go at once when the caller leaves before it has answered', async () => {
    verifies('websocket:vanished', 'websocket:events');
    const asked = Promise.withResolvers<Socket>();
    await using fixture = await openWithAgent((_request, socket) => asked.resolve(socket as Socket));
    const caller = connectWebSocket(fixture);
    caller.on('error', () => {});
    const socket = await asked.promise;
    const left = once(socket.resume(), 'end');
    caller.terminate();
    await left;
    while (fixture.webSocketRefusals.length === 0) await setImmediate();
    assert.deepEqual(
      fixture.webSocketRefusals.map(({ operation, status, caller: who }) => [operation, status, who]),
      [['InvokeAgentRuntimeWithWebSocketStream', 499, 'KEY']],
    );
    assert.deepEqual(fixture.failures, []);
  });

  it('exists for agents of the protocols HTTP and AGUI only', async () => {
    verifies('websocket:protocols');
    const agent = new WebSocketAgent();
    await using fixture = await openWithAgent(agent.onUpgrade);
    for (const protocol of ['MCP', 'A2A'] as const) {
      fixture.sessions.targets.addVersion(echo, 2, { protocol });
      const refusal = await refusalOf(fixture);
      assert.deepEqual([refusal.status, refusal.error], [400, 'ValidationException']);
      assert.match(refusal.message, new RegExp(protocol));
    }
    assert.equal(fixture.sessions.driver.starts.length, 0);
    fixture.sessions.targets.addVersion(echo, 3, { protocol: 'AGUI' });
    (await connect(fixture)).socket.terminate();
  });
});

function acceptWithProtocol({ headers }: IncomingMessage): string {
  const accept = acceptFor(headers['sec-websocket-key']);
  return `${switching}upgrade: websocket\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: chat\r\n\r\n`;
}

const switching = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n';

function acceptFor(key: string | undefined): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
