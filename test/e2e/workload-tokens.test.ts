import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { GetWorkloadAccessTokenForJWTCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  GetAgentRuntimeCommand,
  UpdateWorkloadIdentityCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { decodeJwt } from 'jose';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { signedFetch } from '../fixture/signed-fetch.ts';
import { verifies } from '../requirements.ts';

const sessionHeader = 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id';
const forAnn = { 'X-Amzn-Bedrock-AgentCore-Runtime-User-Id': 'ann' };
const tokenHeader = 'x-amz-bedrock-agentcore-identity-wat';
const callbackUrl = 'https://app.example/back';

describe('workload tokens in agents on the real engine', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let front: DeployedRuntime;
  let back: DeployedRuntime;

  before(async () => {
    berth = await BerthFixture.start();
    const requestHeaderConfiguration = {
      requestHeaderAllowlist: ['WorkloadAccessToken', 'OAuth2CallbackUrl', 'X-Tenant'],
    };
    front = await berth.deploy('unruly', 'front', { requestHeaderConfiguration });
    back = await berth.deploy('unruly', 'back');
  });
  after(() => berth.destroy());

  const addressOf = ({ arn }: DeployedRuntime) =>
    `${berth.server.url}/runtimes/${encodeURIComponent(arn)}/invocations`;

  async function call(
    runtime: DeployedRuntime,
    session: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ status: number; seen: IncomingHttpHeaders; token: string | undefined }> {
    const answer = await signedFetch(berth.server)(addressOf(runtime), {
      method: 'POST',
      headers: { 'content-type': 'application/json', [sessionHeader]: session, ...headers },
      body: '{"deed":"headers"}',
    });
    const { headers: seen = {} } = (await answer.json()) as { headers?: IncomingHttpHeaders };
    return { status: answer.status, seen, token: tokenIn(seen) };
  }

  function tokenIn(seen: IncomingHttpHeaders): string | undefined {
    assert.equal(seen[tokenHeader], seen['workloadaccesstoken']);
    return seen[tokenHeader] as string | undefined;
  }

  it('arrive under both names, with the callback URL, and a caller’s own do not', async () => {
    verifies('token:delivery', 'token:spoof', 'token:callback-url', 'token:user-of-call', 'token:bound');
    await berth.control.send(
      new UpdateWorkloadIdentityCommand({ name: front.id, allowedResourceOauth2ReturnUrls: [callbackUrl] }),
    );
    const session = randomUUID();
    const spoofed = { OAuth2CallbackUrl: 'https://evil.example', 'X-Tenant': 'blue' };
    const nobody = await call(front, session, spoofed);
    assert.deepEqual([nobody.status, nobody.seen['x-tenant']], [200, 'blue']);
    assert.deepEqual([nobody.token, nobody.seen['oauth2callbackurl']], [undefined, undefined]);
    const named = await call(front, session, { ...spoofed, ...forAnn });
    assert.equal(named.seen['oauth2callbackurl'], callbackUrl);
    const claims = decodeJwt(named.token ?? '');
    assert.deepEqual([claims.sub, claims['usr']], [front.id, ['named', 'ann']]);
    assert.deepEqual(claims['ses'], [front.id, session, 1]);
    const forged = await call(front, session, { ...forAnn, WorkloadAccessToken: 'e30.e30.e30' });
    assert.equal(forged.status, 403);
  });

  it('arrive in MCP servers', async () => {
    verifies('token:delivery');
    const server = await berth.deploy('protocols', 'tools', {
      protocolConfiguration: { serverProtocol: 'MCP' },
      environmentVariables: { PROTOCOL: 'MCP', STATEFUL: '1' },
    });
    const client = new Client({ name: 'test', version: '1' });
    const requestInit = { headers: forAnn };
    const fetch = signedFetch(berth.server);
    await client.connect(
      new StreamableHTTPClientTransport(new URL(addressOf(server)), { requestInit, fetch }),
    );
    const { content } = await client.callTool({ name: 'headers', arguments: {} });
    const [{ text }] = content as [{ text: string }];
    assert.equal(decodeJwt(tokenIn(JSON.parse(text) as IncomingHttpHeaders) ?? '').sub, server.id);
    await client.close();
  });

  it('hand the user on to other agents while their session lives, through rotation and kill -9 of the server', async () => {
    verifies('token:chain', 'token:chain-refused', 'token:session-end', 'token:rotation', 'token:same-keys');
    const session = randomUUID();
    const { token = '' } = await call(front, session, forAnn);
    const handOn = () => call(back, randomUUID(), { [tokenHeader]: token });
    const first = decodeJwt((await handOn()).token ?? '');
    assert.deepEqual([first.sub, first['usr'], first['act']], [back.id, ['named', 'ann'], [front.id]]);
    const { stdout } = await berth.cli('identity', 'rotate-signing-key', '--json');
    assert.match(stdout, /"keyId"/);
    assert.equal((await handOn()).status, 200);
    await berth.process.kill();
    await berth.process.start();
    assert.equal((await handOn()).status, 200);
    await berth.upgrade();
    assert.equal((await handOn()).status, 200);
    await berth.cli('sessions', 'stop', 'front', session);
    const before = await berth.liveSessions();
    assert.equal((await handOn()).status, 403);
    assert.equal(await berth.liveSessions(), before);
    assert.ok(!(await berth.process.lastLogLines(1_000)).includes(token.split('.')[1] ?? '-'));
  });

  it('are given for the token of a user of the runtime’s own issuer', async () => {
    verifies('token:for-jwt', 'token:user-of-call');
    const { stdout } = await berth.cli(
      ...['deploy', berth.imageUri('unruly:v1'), '--name', 'guarded', '--json'],
      ...['--jwt-discovery-url', 'development', '--jwt-client', 'web'],
    );
    const { agentRuntimeArn: arn } = JSON.parse(stdout) as { agentRuntimeArn: string };
    const id = arn.split('/').at(-1) ?? '';
    const userToken = (await berth.cli('token', '--client', 'web', '--user', 'ann')).stdout.trim();
    const given = await berth.data.send(
      new GetWorkloadAccessTokenForJWTCommand({ workloadName: id, userToken }),
    );
    const claims = decodeJwt(given.workloadAccessToken ?? '');
    const { iss, sub } = decodeJwt(userToken);
    assert.deepEqual(claims['usr'], ['user', iss, sub]);
    await assert.rejects(
      berth.data.send(new GetWorkloadAccessTokenForJWTCommand({ workloadName: front.id, userToken })),
      { name: 'AccessDeniedException' },
    );
    const shown = await berth.control.send(new GetAgentRuntimeCommand({ agentRuntimeId: id }));
    assert.match(shown.workloadIdentityDetails?.workloadIdentityArn ?? '', new RegExp(`/${id}$`));
    const answer = await fetch(addressOf({ arn, id }), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [sessionHeader]: randomUUID(),
        authorization: `Bearer ${userToken}`,
        ...forAnn,
      },
      body: '{"deed":"headers"}',
    });
    const { headers: seen } = (await answer.json()) as { headers: IncomingHttpHeaders };
    assert.deepEqual(decodeJwt(tokenIn(seen) ?? '')['usr'], claims['usr']);
  });
});
