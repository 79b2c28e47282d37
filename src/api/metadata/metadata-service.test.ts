import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { RolePrincipal } from '../../auth/principal.ts';
import { MetadataTokens } from '../../auth/role/metadata-tokens.ts';
import { RoleCredentials } from '../../auth/role/role-credentials.ts';
import { FakeAudit } from '../../auth/testing/fake-audit.ts';
import { testRole, testSecret } from '../../auth/role/testing/roles.ts';
import type { SandboxId } from '../../shared/ids.ts';
import { MetadataService } from './metadata-service.ts';

const startMs = Date.parse('2027-01-15T08:00:00Z');
const container = '169.254.170.2';
const instance = '169.254.169.254';
const credentialsPath = '/latest/meta-data/iam/security-credentials/';
const lifetime = 'x-aws-ec2-metadata-token-ttl-seconds';
const tokenName = 'x-aws-ec2-metadata-token';

describe('the credentials of containers', () => {
  it('are those of the session that asks, good for an hour, with nothing but its address as proof', async (context) => {
    verifies('role:sdk-credentials', 'role:own-sandbox');
    const { ask, credentials, become } = await start(context);

    const answer = await ask(container, { path: '/role/credentials' });

    const { accessKeyId, secretAccessKey, sessionToken } = credentials.issue(testRole());
    assert.deepEqual(JSON.parse(answer.body), {
      RoleArn: testRole().roleArn,
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: '2027-01-15T09:00:00Z',
    });
    assert.deepEqual(
      [answer.status, answer.headers['content-type'], answer.headers['cache-control']],
      [200, 'application/json', 'no-store'],
    );
    become(testRole({ sandboxId: 'sb-bbbbbbbbbbbbbbbbbbbb' as SandboxId }));
    assert.notEqual((await ask(container, { path: '/role/credentials' })).body, answer.body);
  });

  it('are at one path, for GET', async (context) => {
    verifies('role:sdk-credentials');
    const { ask } = await start(context);
    for (const path of ['/', '/role/credentials/other', '/latest/api/token'])
      assert.equal((await ask(container, { path })).status, 404, path);
    assert.equal((await ask(container, { path: '/role/credentials', method: 'POST' })).status, 404);
  });
});

describe('the metadata of an instance', () => {
  it('is told to who brings a token of version 2: the role, its credentials and where it is', async (context) => {
    verifies('role:instance-metadata');
    const { ask, credentials } = await start(context);
    const issued = await ask(instance, {
      path: '/latest/api/token',
      method: 'PUT',
      headers: { [lifetime]: '60' },
    });
    assert.deepEqual([issued.status, issued.headers[lifetime]], [200, '60']);
    const get = async (path: string) => {
      const { status, body } = await ask(instance, { path, headers: { [tokenName]: issued.body } });
      assert.equal(status, 200, path);
      return body;
    };

    assert.equal(await get(credentialsPath), 'agent');
    const { accessKeyId, secretAccessKey, sessionToken } = credentials.issue(testRole());
    assert.deepEqual(JSON.parse(await get(`${credentialsPath}agent`)), {
      Code: 'Success',
      LastUpdated: '2027-01-15T08:00:00Z',
      Type: 'AWS-HMAC',
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: '2027-01-15T09:00:00Z',
    });
    assert.equal(await get('/latest/meta-data/placement/region'), 'us-east-1');
    assert.equal(await get('/latest/meta-data/placement/availability-zone/'), 'us-east-1a');
    const document: unknown = JSON.parse(await get('/latest/dynamic/instance-identity/document'));
    assert.partialDeepStrictEqual(document, { accountId: '111122223333', region: 'us-east-1' });
    const other = await ask(instance, {
      path: `${credentialsPath}other`,
      headers: { [tokenName]: issued.body },
    });
    assert.equal(other.status, 404);
  });

  it('is told to nobody without a token, with another or an old one, or by a proxy', async (context) => {
    verifies('role:instance-metadata', 'role:own-sandbox', 'authz:audit-doors');
    const { audit, ask, become, advance } = await start(context);
    const newToken = (headers: Record<string, string>) =>
      ask(instance, { path: '/latest/api/token', method: 'PUT', headers });
    const { body: token } = await newToken({ [lifetime]: '60' });
    const statusWith = async (headers: Record<string, string>) =>
      (await ask(instance, { path: credentialsPath, headers })).status;
    assert.equal(await statusWith({ [tokenName]: token }), 200);

    assert.equal(await statusWith({}), 401);
    assert.equal(await statusWith({ [tokenName]: `${token}x` }), 401);
    assert.equal(await statusWith({ [tokenName]: token, 'x-forwarded-for': '10.0.0.1' }), 403);
    assert.equal((await newToken({ [lifetime]: '60', 'x-forwarded-for': '10.0.0.1' })).status, 403);
    assert.equal(audit.lines.length, 4);
    for (const told of audit.lines)
      assert.match(
        told,
        /^deny arn:aws:sts::\S+ berth:GetRoleCredentials \/latest\/\S+ \((no token|the request)/,
      );
    assert.ok(!audit.lines.join().includes(token));
    for (const seconds of ['0', '21601', '-1', 'x', ''])
      assert.equal((await newToken({ [lifetime]: seconds })).status, 400, seconds);
    assert.equal((await newToken({})).status, 400);
    assert.equal((await ask(instance, { path: '/latest/api/token' })).status, 405);
    become(testRole({ sandboxId: 'sb-bbbbbbbbbbbbbbbbbbbb' as SandboxId }));
    assert.equal(await statusWith({ [tokenName]: token }), 401);
    become(testRole());
    advance(60_000);
    assert.equal(await statusWith({ [tokenName]: token }), 401);
  });
});

describe('both', () => {
  it('have nothing for a request that a proxy passed on', async (context) => {
    verifies('role:no-proxies');
    const { ask } = await start(context);
    const headers = { 'x-forwarded-for': '10.0.0.1' };
    const refused = await ask(container, { path: '/role/credentials', headers });
    assert.equal(refused.status, 403);
    assert.doesNotMatch(refused.body, /ASIA/);
    for (const path of [credentialsPath, '/latest/api/token'])
      assert.equal((await ask(instance, { path, headers })).status, 403, path);
  });

  it('have nothing for a sandbox without a session but a placeholder, with which SDKs can make clients', async (context) => {
    verifies('role:pooled', 'role:ended');
    const { ask, become, credentials } = await start(context);
    become(undefined);

    const { status, body } = await ask(container, { path: '/role/credentials' });
    const told = JSON.parse(body) as Record<string, string>;
    assert.deepEqual([status, told['Expiration']], [200, '2027-01-15T08:01:00Z']);
    const { AccessKeyId = '', Token } = told;
    assert.equal(AccessKeyId, 'ASIANOSESSIONNOSESSI');
    assert.equal(credentials.isOwnId(AccessKeyId), false);
    assert.throws(() => credentials.secretFor(testRole(), AccessKeyId, Token), /session token/);
    const newToken = { path: '/latest/api/token', method: 'PUT', headers: { [lifetime]: '60' } };
    assert.equal((await ask(instance, newToken)).status, 403);
  });

  it('answer by their own names only', async (context) => {
    verifies('role:instance-metadata');
    const { ask } = await start(context);
    for (const host of ['berth.internal:4780', 'rebound.example', `${container}.example`])
      assert.equal((await ask(host, { path: '/role/credentials' })).status, 599, host);
    assert.equal((await ask(`${container}:80`, { path: '/role/credentials' })).status, 200);
  });
});

async function start(context: TestContext) {
  let nowMs = startMs;
  let role: RolePrincipal | undefined = testRole();
  const clock = { now: () => nowMs };
  const credentials = new RoleCredentials({ serverSecret: testSecret, clock });
  const tokens = new MetadataTokens({ serverSecret: testSecret, clock });
  const audit = new FakeAudit();
  const service = new MetadataService({ callers: { of: () => role }, credentials, tokens, audit });
  const server = createServer((request, response) => {
    if (service.handles(request)) service.handle(request, response);
    else response.writeHead(599).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { port } = address;
  return {
    ...{ audit, credentials },
    become: (other: RolePrincipal | undefined) => void (role = other),
    advance: (ms: number) => void (nowMs += ms),
    async ask(host: string, { headers = {}, ...options }: RequestOptions) {
      const request = httpRequest({
        host: '127.0.0.1',
        port,
        agent: false,
        headers: { host, ...(headers as Record<string, string>) },
        ...options,
      }).end();
      const [answer] = (await once(request, 'response')) as [IncomingMessage];
      return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
    },
  };
}
