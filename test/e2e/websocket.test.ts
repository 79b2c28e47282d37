import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture, repository } from '../fixture/berth-fixture.ts';
import { installPythonClients, pythonClients } from '../fixture/python-clients.ts';
import { RequestSigner } from '../fixture/request-signer.ts';
import { verifies } from '../requirements.ts';

const sessionHeader = 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id';

describe('WebSockets to agents on the real engine', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let echo: DeployedRuntime;

  before(async () => {
    await installPythonClients();
    berth = await BerthFixture.start();
    echo = await berth.deploy('agentcore-ts', 'echo');
  });

  after(() => berth.destroy());

  function pathOf({ arn }: DeployedRuntime, operation: string): string {
    return `/runtimes/${encodeURIComponent(arn)}/${operation}`;
  }

  /** Signs as `host`, which is then sent, too. */
  function signerFor(host = new URL(berth.server.url).host): RequestSigner {
    return new RequestSigner({ ...berth.server, url: `http://${host}` });
  }

  function connect(
    pathAndQuery: string,
    headers: Readonly<Record<string, string>> = {},
    protocols: readonly string[] = [],
  ): WebSocket {
    return new WebSocket(`${berth.server.url.replace('http:', 'ws:')}${pathAndQuery}`, [...protocols], {
      headers,
    });
  }

  async function echoes(socket: WebSocket): Promise<void> {
    await once(socket, 'open');
    for (const message of ['good day', Buffer.from([0, 1, 2, 255]), 'x'.repeat(65_536)]) {
      const answer = once(socket, 'message') as Promise<[Buffer, boolean]>;
      socket.send(message);
      const [bytes, isBinary] = await answer;
      assert.deepEqual(isBinary ? bytes : bytes.toString(), message);
    }
  }

  async function closes(socket: WebSocket): Promise<number> {
    const [code] = (await once(socket, 'close')) as [number];
    return code;
  }

  async function refusalOf(
    socket: WebSocket,
  ): Promise<{ status: number | undefined; error: unknown; body: string }> {
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    const { statusCode: status, headers } = response;
    return { status, error: headers['x-amzn-errortype'], body: await text(response) };
  }

  it('ws connects with signed headers: the session signed or not, Host with its port or without', async () => {
    verifies('websocket:clients', 'auth:host');
    const session = { [sessionHeader]: randomUUID() };
    const path = pathOf(echo, 'ws');
    for (const host of [undefined, '127.0.0.1']) {
      for (const [signed, unsigned] of [
        [session, {}],
        [{}, session],
      ]) {
        const headers = await signerFor(host).sign({ method: 'GET', path, headers: { ...signed } });
        const socket = connect(path, { ...headers, ...unsigned });
        await echoes(socket);
        const closed = closes(socket);
        socket.close(1000);
        assert.equal(await closed, 1000);
      }
    }
    assert.equal(await berth.liveSessions(), 1);
    assert.match(await berth.metrics(), /^berth_websockets_total\{close_code="1000"\} 4$/m);
  });

  it('ws connects with presigned URLs, and agent and caller compress', async () => {
    verifies('websocket:clients', 'websocket:untouched', 'auth:presigned');
    const query = { qualifier: 'DEFAULT', [sessionHeader]: randomUUID() };
    const request = { method: 'GET', path: pathOf(echo, 'ws'), query };
    for (const host of [undefined, '127.0.0.1']) {
      const socket = connect(await signerFor(host).presign(request));
      await echoes(socket);
      socket.terminate();
    }
    const late = await signerFor().presign({ ...request, at: new Date(Date.now() - 61_000) }, 60);
    const { status, error, body } = await refusalOf(connect(late));
    assert.deepEqual([status, error], [403, 'InvalidSignatureException']);
    assert.match(body, /expired/);
  });

  it('plain requests are presigned as well, with their bodies', async () => {
    verifies('auth:presigned');
    const path = pathOf(echo, 'invocations');
    const body = '{"prompt":"hi"}';
    const url = `${berth.server.url}${await signerFor().presign({ method: 'POST', path, body })}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body });
    assert.match(await answer.text(), /You said: hi/);
    const other = await fetch(url, { method: 'POST', headers, body: '{"prompt":"ho"}' });
    assert.equal(other.status, 403);
    const got = await fetch(
      `${berth.server.url}${await signerFor().presign({ method: 'GET', path: `/runtimes/${echo.id}/` })}`,
    );
    assert.equal(((await got.json()) as { agentRuntimeName: string }).agentRuntimeName, 'echo');
  });

  for (const host of ['bedrock-agentcore.us-east-1.amazonaws.com', 'agentcore.local.api.aws:PORT']) {
    it(`the AgentCore SDK for Python and websockets talk to an agent of that SDK, as ${host}`, async () => {
      verifies('websocket:clients', 'auth:host');
      const agent = await berth.deploy('agentcore-python', `python_${host.length}`);
      const endpoint = `https://${host.replace('PORT', new URL(berth.server.url).port)}`;
      const { stdout } = await berth.cli(
        ...['env', '--', join(pythonClients, 'bin/python'), join(repository, 'test/e2e/websocket-story.py')],
        ...[agent.arn, endpoint],
      );
      assert.equal(stdout, 'told\n');
    });
  }

  it('a bearer token comes in a header or among the sub-protocols', async () => {
    verifies('websocket:bearer');
    const { stdout } = await berth.cli(
      ...['deploy', `oci:${repository}/.cache/images/agentcore-ts`, '--name', 'token_echo', '--json'],
      ...['--jwt-discovery-url', 'development', '--jwt-client', 'web'],
    );
    const { agentRuntimeArn: arn } = JSON.parse(stdout) as { agentRuntimeArn: string };
    const token = (await berth.cli('token', '--client', 'web', '--user', 'ann')).stdout.trim();
    const path = `/runtimes/${encodeURIComponent(arn)}/ws?${sessionHeader}=${randomUUID()}`;
    const pair = 'base64UrlBearerAuthorization';
    const browser = connect(path, {}, [`${pair}.${Buffer.from(token).toString('base64url')}`, pair]);
    const server = connect(path, { authorization: `Bearer ${token}` });
    await Promise.all([echoes(browser), echoes(server)]);
    assert.deepEqual([browser.protocol, server.protocol], [pair, '']);
    for (const socket of [browser, server]) socket.terminate();
    const { status, error } = await refusalOf(connect(path, {}, [`${pair}.YWJj`, pair]));
    assert.deepEqual([status, error], [401, 'UnauthorizedException']);
    const log = await berth.process.lastLogLines(100);
    for (const part of token.split('.')) assert.ok(!log.includes(part));
  });

  it('an agent without a WebSocket is 424, and a caller that is not proven starts nothing', async () => {
    verifies('websocket:agent-refuses', 'websocket:refusals', 'websocket:bearer');
    const hello = await berth.deploy('hello-node', 'hello');
    const path = pathOf(hello, 'ws');
    const before = await berth.liveSessions();
    const unsigned = await refusalOf(connect(path));
    assert.deepEqual([unsigned.status, unsigned.error], [403, 'MissingAuthenticationTokenException']);
    const pair = 'base64UrlBearerAuthorization';
    const bearer = await refusalOf(connect(path, {}, [`${pair}.YWJj`, pair]));
    assert.deepEqual([bearer.status, bearer.error], [403, 'AccessDeniedException']);
    assert.match(bearer.body, /different authorization token type/);
    assert.equal(await berth.liveSessions(), before);
    const refused = await refusalOf(connect(await signerFor().presign({ method: 'GET', path })));
    assert.deepEqual([refused.status, refused.error], [424, 'RuntimeClientError']);
    assert.match(refused.body, /404/);
  });

  it('a session that is stopped closes its WebSockets with 1011, a server that closes with 1001', async () => {
    verifies('websocket:vanished', 'websocket:drain');
    const session = randomUUID();
    const query = { [sessionHeader]: session };
    const url = await signerFor().presign({ method: 'GET', path: pathOf(echo, 'ws'), query });
    const stopped = connect(url);
    await echoes(stopped);
    const closed = closes(stopped);
    await berth.agents.stop(echo, session);
    assert.equal(await closed, 1011);

    const drained = connect(url);
    await echoes(drained);
    const told = closes(drained);
    await berth.process.stop();
    assert.equal(await told, 1001);
    await berth.process.start();
  });
});
