import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { GetAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { decodeJwt } from 'jose';
import { BerthFixture, repository } from '../fixture/berth-fixture.ts';
import { installPythonClients, pythonClients } from '../fixture/python-clients.ts';
import { signedFetch } from '../fixture/signed-fetch.ts';
import { verifies } from '../requirements.ts';

const run = promisify(execFile);
const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';

describe('callers with bearer tokens on the real engine', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let arn: string;
  let address: string;

  before(async () => {
    berth = await BerthFixture.start();
    const deployed = await berth.cli(
      ...['deploy', `oci:${repository}/.cache/images/hello-node`, '--name', 'hello', '--json'],
      ...['--jwt-discovery-url', 'development', '--jwt-client', 'web', '--jwt-scope', 'agents/call'],
    );
    arn = (JSON.parse(deployed.stdout) as { agentRuntimeArn: string }).agentRuntimeArn;
    address = `${berth.server.url}/runtimes/${encodeURIComponent(arn)}/invocations`;
  });

  after(() => berth.destroy());

  async function token(...changes: readonly string[]): Promise<string> {
    const named = ['--client', 'web', '--user', 'ann', '--scope', 'agents/call', ...changes];
    return (await berth.cli('token', ...named)).stdout.trim();
  }

  function call(authorization: string | undefined, sessionId: string = randomUUID()): Promise<Response> {
    return fetch(`${address}?qualifier=DEFAULT`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [sessionHeader]: sessionId,
        ...(authorization !== undefined && { authorization }),
      },
      body: '{"prompt":"hi"}',
    });
  }

  it('the development issuer’s token lets its bearer in, from anything that speaks HTTP', async () => {
    verifies('auth:bearer', 'auth:development-issuer', 'cli:token');
    const sessionId = randomUUID();
    const bearer = `Bearer ${await token()}`;
    const answers = [await call(bearer, sessionId), await call(bearer, sessionId)];
    const bootIds = new Set<unknown>();
    for (const answer of answers) {
      assert.equal(answer.status, 200, await answer.clone().text());
      assert.equal(answer.headers.get(sessionHeader), sessionId);
      const { bootId } = (await answer.json()) as { bootId: unknown };
      bootIds.add(bootId);
    }
    assert.equal(bootIds.size, 1);
    const { stdout } = await berth.cli(
      ...['invoke', 'hello', '{"prompt":"hi"}', '--bearer-token', await token(), '--session', sessionId],
    );
    assert.match(stdout, /"bootId"/);
  });

  it('everybody else is refused, told what to bring, and starts nothing', async () => {
    verifies('auth:bearer-challenge', 'auth:bearer-mismatch', 'auth:protected-resource', 'auth:bearer-rules');
    const before = await berth.liveSessions();
    const refusals = [undefined, 'Bearer x.y.z', `Bearer ${await token('--client', 'other')}`];
    let metadata = '';
    for (const authorization of refusals) {
      const answer = await call(authorization);
      assert.equal(answer.status, 401, authorization);
      const challenge = answer.headers.get('www-authenticate') ?? '';
      const [, url, scope] = /^Bearer resource_metadata="([^"]+)", scope="([^"]+)"$/.exec(challenge) ?? [];
      assert.equal(scope, 'agents/call');
      metadata = url ?? '';
    }
    const document = (await (await fetch(metadata)).json()) as Record<string, unknown>;
    assert.equal(document['resource'], `${address}?qualifier=DEFAULT`);
    const [issuer] = document['authorization_servers'] as string[];
    assert.equal(issuer, decodeJwt(await token()).iss);

    await assert.rejects(
      berth.data.send(new InvokeAgentRuntimeCommand({ agentRuntimeArn: arn, payload: Buffer.from('{}') })),
      { name: 'AccessDeniedException', message: /different authorization token type/ },
    );
    assert.equal(await berth.liveSessions(), before);
  });

  it('the log holds no token, good or bad', async () => {
    verifies('auth:bearer-malformed', 'observability:log');
    const tokens = [await token(), await token('--client', 'other')];
    for (const text of tokens) await call(`Bearer ${text}`);
    const log = await berth.process.lastLogLines(1_000);
    assert.match(log, /invocation finished/);
    for (const text of tokens) for (const part of text.split('.')) assert.ok(!log.includes(part));
  });

  it('a token is no use where signatures are taken, and the issuer tells its keys to whoever verifies itself', async () => {
    verifies('auth:bearer-mismatch', 'auth:development-issuer', 'control:authorizer');
    const { id } = await berth.deploy('hello-node', 'signed');
    const path = `/runtimes/${encodeURIComponent(arn.replace(/[^/]+$/, id))}/invocations`;
    const headers = { authorization: `Bearer ${await token()}` };
    const answer = await fetch(berth.server.url + path, { method: 'POST', headers, body: '{}' });
    assert.deepEqual([answer.status, answer.headers.get('www-authenticate')], [403, null]);
    assert.match(await answer.text(), /different authorization token type/);

    const hello = arn.split('/').at(-1);
    const shown = await berth.control.send(new GetAgentRuntimeCommand({ agentRuntimeId: hello }));
    const discoveryUrl = shown.authorizerConfiguration?.customJWTAuthorizer?.discoveryUrl ?? '';
    const { jwks_uri: keys } = (await (await fetch(discoveryUrl)).json()) as { jwks_uri: string };
    const published = (await (await fetch(keys)).json()) as { keys: Record<string, unknown>[] };
    assert.deepEqual(Object.keys(published.keys[0] ?? {}).toSorted(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });

  it('MCP clients bring their token to a hosted server, as in the workshop; others are refused before it starts', async () => {
    verifies('auth:bearer', 'auth:bearer-challenge', 'mcp:real-clients');
    const server = await berth.deploy('mcp-python', 'workshop', {
      protocolConfiguration: { serverProtocol: 'MCP' },
      authorizerConfiguration: {
        customJWTAuthorizer: { discoveryUrl: await discoveryUrl(), allowedClients: ['web'] },
      },
    });
    const url = new URL(
      `${berth.server.url}/runtimes/${encodeURIComponent(server.arn)}/invocations?qualifier=DEFAULT`,
    );
    const before = await berth.liveSessions();
    const accept = 'application/json, text/event-stream';
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    for (const [authorization, status, code] of [
      [undefined, 401, -32_001],
      ['Bearer nonsense', 401, -32_001],
      [`Bearer ${await token('--client', 'other')}`, 401, -32_001],
    ] as const) {
      const headers = { accept, 'content-type': 'application/json', ...(authorization && { authorization }) };
      const refused = await fetch(url, { method: 'POST', headers, body });
      const { id, error } = (await refused.json()) as { id: number; error: { code: number } };
      assert.deepEqual([refused.status, id, error.code], [status, 1, code]);
      assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer resource_metadata="http/);
    }
    const signed = await signedFetch(berth.server)(url, { method: 'POST', headers: { accept }, body });
    assert.equal(signed.status, 403);
    assert.match(await signed.text(), /different authorization token type/);
    assert.equal(await berth.liveSessions(), before);

    const client = new Client({ name: 'workshop', version: '1' });
    const requestInit = { headers: { authorization: `Bearer ${await token()}` } };
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
    assert.equal((await client.listTools()).tools.length, 3);
    const told = async (name: string, args: Record<string, unknown>) =>
      ((await client.callTool({ name, arguments: args })).content as { text: string }[])[0]?.text;
    assert.equal(await told('add_numbers', { a: 5, b: 3 }), '8');
    assert.equal(await told('multiply_numbers', { a: 4, b: 7 }), '28');
    assert.equal(await told('greet_user', { name: 'Alice' }), 'Hello, Alice! Nice to meet you.');
    await client.close();

    const stateful = await berth.deploy('protocols', 'stateful', {
      protocolConfiguration: { serverProtocol: 'MCP' },
      environmentVariables: { PROTOCOL: 'MCP', STATEFUL: '1' },
      authorizerConfiguration: {
        customJWTAuthorizer: { discoveryUrl: await discoveryUrl(), allowedClients: ['web'] },
      },
    });
    const other = `${berth.server.url}/runtimes/${encodeURIComponent(stateful.arn)}/invocations`;
    await installPythonClients();
    const { stdout } = await run(
      join(pythonClients, 'bin/python'),
      [join(repository, 'test/e2e/mcp-story.py'), url.href, other],
      { env: { ...process.env, BEARER_TOKEN: await token() } },
    );
    assert.equal(stdout.trim(), '2 servers: 8');
  });

  /** Of the development issuer, as the runtime made by `berth deploy` has it. */
  async function discoveryUrl(): Promise<string> {
    const agentRuntimeId = arn.split('/').at(-1);
    const { authorizerConfiguration } = await berth.control.send(
      new GetAgentRuntimeCommand({ agentRuntimeId }),
    );
    return authorizerConfiguration?.customJWTAuthorizer?.discoveryUrl ?? assert.fail('no authorizer');
  }
});
