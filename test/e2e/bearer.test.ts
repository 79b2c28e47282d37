import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { GetAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { decodeJwt } from 'jose';
import { BerthFixture, repository } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';

describe('callers with bearer tokens on the real engine', { timeout: 120_000 }, () => {
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
});
