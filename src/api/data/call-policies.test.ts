import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { AccessFacts } from '../../auth/access-facts.ts';
import { readPolicy } from '../../auth/policies/read-policy.ts';
import { endpointArn, runtimeArn } from '../../runtimes/arns.ts';
import { echo, scope } from '../../sessions/testing/sessions-fixture.ts';
import { knownActions } from '../known-actions.ts';
import { DataPlaneFixture, type FixtureOptions } from './testing/data-plane-fixture.ts';
import { FakeTokens } from './testing/fake-tokens.ts';

const userHeader = 'x-amzn-bedrock-agentcore-runtime-user-id';
const { accountId } = scope;
const user = (name: string) => ({ AWS: `arn:aws:iam::${accountId}:user/${name}` });

/** Of the runtime and of its endpoints, by name. */
class Policies implements AccessFacts {
  readonly #statements = new Map<string, readonly object[]>();

  put(endpoint: string | undefined, ...statements: readonly object[]): void {
    this.#statements.set(endpoint ?? '', statements);
  }

  find(runtimeId: string) {
    if (runtimeId !== echo) return undefined;
    const of = (endpoint: string | undefined) => {
      const statements = this.#statements.get(endpoint ?? '');
      const resourceArn =
        endpoint === undefined ? runtimeArn(scope, echo) : endpointArn(scope, echo, endpoint);
      const common = { Principal: '*', Resource: resourceArn };
      const text = JSON.stringify({
        Version: '2012-10-17',
        Statement: statements?.map((statement) => ({ ...common, ...statement })),
      });
      const place = { resourceArn, accountId, knownActions: knownActions() };
      return { tags: {}, policy: statements && readPolicy(text, place) };
    };
    return { name: 'echo', ...of(undefined), endpoint: (name: string) => of(name) };
  }
}

async function start(context: TestContext, options: FixtureOptions = {}) {
  const facts = new Policies();
  const onInvoke = (_request: unknown, response: { end(text: string): void }) => response.end('{}');
  const fixture = await DataPlaneFixture.open(onInvoke, { facts, ...options });
  context.after(() => fixture[Symbol.asyncDispose]());
  const call = async (key: string, headers: Record<string, string> = {}, claims = false) =>
    (await fixture.call({ session: 's1', body: '{}', claims, headers: { authorization: key, ...headers } }))
      .status;
  return { fixture, facts, call };
}

describe('resource policies of calls', () => {
  it('deny, of the runtime or of the endpoint that is called, whatever the caller’s role', async (context) => {
    verifies('authz:policy-both', 'authz:policy-evaluation', 'authz:audit');
    const { fixture, facts, call } = await start(context);
    fixture.sessions.targets.point(echo, 'prod', 1);
    const deny = {
      Sid: 'NotBob',
      Effect: 'Deny',
      Principal: user('BOB'),
      Action: 'bedrock-agentcore:InvokeAgentRuntime',
    };
    const prod = { path: `/runtimes/${encodeURIComponent(endpointArn(scope, echo, 'prod'))}/invocations` };
    const callProd = async (key: string) =>
      (await fixture.call({ ...prod, session: 's1', body: '{}', headers: { authorization: key } })).status;

    facts.put('prod', deny);
    assert.deepEqual(
      [await call('BOB admin'), await callProd('BOB admin'), await callProd('ANN invoke')],
      [200, 403, 200],
    );
    // Nor by another endpoint's name, in a session that this one began.
    const inProdSession = async (key: string) =>
      (
        await fixture.call({
          ...{ session: 'prod-session', body: '{}', headers: { authorization: key } },
          ...(key === 'ANN invoke' && prod),
        })
      ).status;
    assert.deepEqual(
      [await inProdSession('ANN invoke'), await inProdSession('BOB admin'), await inProdSession('ANN admin')],
      [200, 403, 200],
    );
    facts.put(undefined, deny);
    assert.deepEqual([await call('BOB admin'), await call('BOB admin', {}, true)], [403, 403]);
    assert.match(
      fixture.audit.lines.at(-1) ?? '',
      /^deny .*user\/BOB .*InvokeAgentRuntime .*statement NotBob\)$/,
    );
  });

  it('let in whom both name, though its role does not allow it', async (context) => {
    verifies('authz:policy-both');
    const { facts, fixture } = await start(context);
    const card = async () =>
      (
        await fixture.call({
          ...{ session: 's1', body: '{"command":"id"}' },
          path: `/runtimes/${encodeURIComponent(runtimeArn(scope, echo))}/commands`,
          headers: { authorization: 'ANN deployer' },
        })
      ).status;
    const allow = {
      Effect: 'Allow',
      Principal: user('ANN'),
      Action: 'bedrock-agentcore:InvokeAgentRuntimeCommand',
    };
    assert.equal(await card(), 403);
    facts.put(undefined, allow);
    assert.equal(await card(), 403);
    facts.put('DEFAULT', allow);
    assert.notEqual(await card(), 403);
  });

  it('take the naming of users away, and give it', async (context) => {
    verifies('authz:for-user');
    const { facts, call } = await start(context);
    const named = { [userHeader]: 'ann' };
    assert.deepEqual(
      [await call('WEB application', named), await call('CI deployer', named), await call('CI deployer')],
      [200, 403, 200],
    );
    const action = 'bedrock-agentcore:InvokeAgentRuntimeForUser';
    facts.put(undefined, { Effect: 'Deny', Principal: user('WEB'), Action: action });
    assert.deepEqual([await call('WEB application', named), await call('WEB application')], [403, 200]);
    const allow = { Effect: 'Allow', Principal: user('CI'), Action: action };
    facts.put(undefined, allow);
    facts.put('DEFAULT', allow);
    assert.equal(await call('CI deployer', named), 200);
  });

  it('mean holders of bearer tokens by everybody alone, and can tell them by issuer and subject', async (context) => {
    verifies('authz:policy-principals');
    const { fixture, facts, call } = await start(context, { tokens: new FakeTokens() });
    const authorizer = { discoveryUrl: 'https://issuer.example/.well-known/openid-configuration' };
    fixture.sessions.targets.addVersion(echo, 2, { authorizer });
    const deny = (principal: unknown, condition: object = {}) =>
      facts.put(undefined, { Effect: 'Deny', Principal: principal, Action: '*', Condition: condition });
    assert.equal(await call('Bearer ann'), 200);
    deny({ AWS: accountId });
    assert.equal(await call('Bearer ann'), 200);
    deny('*', { StringEquals: { 'bedrock-agentcore:InboundJwtClaim/sub': 'ann' } });
    assert.deepEqual([await call('Bearer ann'), await call('Bearer bob')], [403, 200]);
    assert.equal(await call('Bearer client/ann'), 200, 'a client has no sub');
    deny('*', { StringNotEquals: { 'bedrock-agentcore:InboundJwtClaim/sub': 'ann' } });
    assert.deepEqual([await call('Bearer ann'), await call('Bearer client/ann')], [200, 403]);
    deny('*', { StringNotEquals: { 'bedrock-agentcore:InboundJwtClaim/iss': 'other' } });
    assert.equal(await call('Bearer bob'), 403);
  });

  it('look at the other end of the connection, and at no header', async (context) => {
    verifies('authz:policy-evaluation');
    const { facts, call } = await start(context);
    const outside = { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } };
    facts.put(undefined, { Effect: 'Deny', Action: '*', Condition: outside });
    assert.equal(
      await call('WEB invoke', { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.1' }),
      403,
    );
    const inside = { IpAddress: { 'aws:SourceIp': ['127.0.0.1/32', '::1'] } };
    facts.put(undefined, { Effect: 'Deny', Action: '*', Condition: inside });
    assert.equal(await call('WEB invoke', { 'x-forwarded-for': '192.0.2.1' }), 403);
    facts.put(undefined, {
      Effect: 'Deny',
      Action: '*',
      Condition: { Bool: { 'aws:SecureTransport': true } },
    });
    assert.equal(await call('WEB invoke', { 'x-forwarded-proto': 'https' }), 200);
  });
});
