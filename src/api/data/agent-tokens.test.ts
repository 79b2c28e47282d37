import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { test } from 'node:test';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import { tokensUnderTest } from '../../identity/testing/tokens-under-test.ts';
import { longestChain } from '../../identity/tokens/agent-tokens.ts';
import type { WorkloadClaims } from '../../identity/tokens/workload-token.ts';
import type { ServerProtocol } from '../../runtimes/runtime.ts';
import { isIncarnationLive } from '../../sessions/is-incarnation-live.ts';
import { echo, scope, sessionNamed } from '../../sessions/testing/sessions-fixture.ts';
import { BerthError } from '../../shared/errors.ts';
import { type Call, DataPlaneFixture, echoPath, type FixtureOptions } from './testing/data-plane-fixture.ts';
import { FakeTokens } from './testing/fake-tokens.ts';
import { WebSocketAgent } from './testing/websocket-agent.ts';
import { refusalOf } from './testing/websocket-client.ts';
import { connectBoth } from './testing/websocket-pairs.ts';

const tokenHeader = 'x-amz-bedrock-agentcore-identity-wat';
const oldTokenHeader = 'workloadaccesstoken';
const callbackHeader = 'oauth2callbackurl';
const userHeader = 'x-amzn-bedrock-agentcore-runtime-user-id';
const forAnn = { [userHeader]: 'ann' };
const ann = { kind: 'named', userId: 'ann' };

/** Agents that answer with the headers they got, as JSON or as a stream of events, and real tokens. */
async function open(options: FixtureOptions = {}) {
  const clock = new FakeClock();
  const tokens = await tokensUnderTest({
    clock,
    isLive: (runtimeId, sessionId, incarnation) =>
      isIncarnationLive(fixture.sessions.registry, scope, { runtimeId, sessionId, incarnation }),
  });
  await tokens.createOwned(echo);
  const onInvoke: RequestListener = (request, response) => {
    const seen = JSON.stringify(request.headers);
    const isStream = request.headers['x-amzn-bedrock-agentcore-runtime-custom-stream'] !== undefined;
    if (isStream) response.setHeader('content-type', 'text/event-stream').end(`data: ${seen}\n\n`);
    else response.setHeader('content-type', 'application/json').end(seen);
  };
  const fixture = await DataPlaneFixture.open(onInvoke, {
    agentTokens: tokens.agentTokens,
    tokens: new FakeTokens(),
    ...options,
  });
  const call = async (given: Call) => {
    const { status, body, headers } = await fixture.call({ session: 's1', body: '{}', ...given });
    const seen = JSON.parse(body.replace(/^data: /, '')) as IncomingHttpHeaders & { message?: string };
    return { status, seen, headers, token: tokenIn(seen) };
  };
  return {
    ...{ clock, tokens, fixture, call },
    claimsOf: (token: string | undefined) => tokens.workloadTokens.verify(scope, token ?? 'none'),
    starts: () => fixture.sessions.driver.starts.length,
    async [Symbol.asyncDispose]() {
      await fixture[Symbol.asyncDispose]();
      await tokens[Symbol.asyncDispose]();
    },
  };
}

/** The same under both names, or under none. */
function tokenIn(seen: IncomingHttpHeaders): string | undefined {
  const token = seen[tokenHeader];
  assert.equal(token, seen[oldTokenHeader]);
  assert.ok(token === undefined || typeof token === 'string');
  return token;
}

function handedTo(session: string, changes: Partial<WorkloadClaims>): WorkloadClaims {
  const handed = { runtimeId: echo, sessionId: sessionNamed(session), incarnation: 1 };
  return { ...scope, workload: echo, user: undefined, session: handed, actors: [], ...changes };
}

const mcp = {
  body: '{"jsonrpc":"2.0","id":2,"method":"tools/list"}',
  headers: { ...forAnn, accept: 'application/json, text/event-stream', 'mcp-session-id': sessionNamed('s1') },
};
const card = { method: 'GET', body: '', path: `${echoPath}/invocations/.well-known/agent-card.json` };
const stream = { headers: { ...forAnn, 'x-amzn-bedrock-agentcore-runtime-custom-stream': 'yes' } };

for (const [what, protocol, given] of [
  ['a call', 'HTTP', {}],
  ['a stream of events', 'HTTP', stream],
  ['a call that is spooled', 'HTTP', { claims: false }],
  ['a call with a signed hash', 'HTTP', { claims: true }],
  ['an MCP request', 'MCP', mcp],
  ['MCP’s stream of the server’s own messages', 'MCP', { ...mcp, method: 'GET', body: '' }],
  ['an A2A message', 'A2A', { body: '{"jsonrpc":"2.0","id":1,"method":"message/send"}' }],
  ['a question for the A2A card', 'A2A', card],
  ['an AG-UI run', 'AGUI', stream],
] as const satisfies readonly (readonly [string, ServerProtocol, Call])[]) {
  test(`${what} brings the agent its token, under both names`, async () => {
    verifies('token:delivery', 'token:bound');
    await using opened = await open({ protocol });
    const { call, claimsOf } = opened;
    await opened.fixture.call({ session: 's1', ...(protocol === 'MCP' ? mcp : { body: '{}' }) });
    const { status, seen, token } = await call({ headers: forAnn, ...given });
    assert.equal(status, 200, JSON.stringify(seen));
    assert.deepEqual(await claimsOf(token), handedTo('s1', { user: { kind: 'named', userId: 'ann' } }));
    assert.equal(seen[userHeader], undefined);
    assert.deepEqual(opened.fixture.failures, []);
  });
}

test('a WebSocket brings the agent its token, under both names', async () => {
  verifies('token:delivery', 'token:callback-url');
  const agent = new WebSocketAgent();
  await using opened = await open({ onUpgrade: agent.onUpgrade });
  const { fixture, claimsOf, tokens } = opened;
  await tokens.identities.update(scope, echo, ['https://app.example/back']);
  const { caller, request } = await connectBoth(fixture, agent, {
    path: `${echoPath}/ws?X-Amzn-Bedrock-AgentCore-Runtime-Session-Id=${sessionNamed('s1')}`,
    headers: forAnn,
  });
  const claims = await claimsOf(tokenIn(request.headers));
  assert.deepEqual(claims, handedTo('s1', { user: { kind: 'named', userId: 'ann' } }));
  assert.equal(request.headers[callbackHeader], 'https://app.example/back');
  caller.terminate();
  const refusal = await refusalOf(fixture, { headers: { [tokenHeader]: 'nonsense' } });
  assert.deepEqual([refusal.status, refusal.error], [403, 'AccessDeniedException']);
});

test('the user is the bearer of a token, whatever the headers say', async () => {
  verifies('token:user-of-call', 'token:spoof');
  await using opened = await open();
  const { fixture, call, claimsOf, tokens } = opened;
  const authorizer = { discoveryUrl: 'https://issuer.test/.well-known/openid-configuration' };
  fixture.sessions.targets.addVersion(echo, 1, { authorizer });
  const good = await tokens.workloadTokens.issue(handedTo('s1', { user: { kind: 'named', userId: 'eve' } }));
  for (const spoofed of [{}, forAnn, { [tokenHeader]: good }, { [oldTokenHeader]: 'nonsense' }]) {
    const { token } = await call({ headers: { authorization: 'Bearer jane', ...spoofed } });
    const user = { kind: 'user', issuer: 'test', subject: 'jane' } as const;
    assert.deepEqual(await claimsOf(token), handedTo('s1', { user }));
  }
  const { token } = await call({ headers: { authorization: 'Bearer client/jane' } });
  const client = { kind: 'client', issuer: 'test', subject: 'jane' } as const;
  assert.deepEqual(await claimsOf(token), handedTo('s1', { user: client }));
});

test('what a user came with is kept for the very session, so that its agent can exchange it', async () => {
  verifies('oauth:subject-token');
  await using opened = await open();
  const { fixture, call, tokens } = opened;
  await call({ headers: forAnn });
  assert.deepEqual(tokens.keptUserTokens, []);
  const authorizer = { discoveryUrl: 'https://issuer.test/.well-known/openid-configuration' };
  fixture.sessions.targets.addVersion(echo, 1, { authorizer });
  await call({ headers: { authorization: 'Bearer jane' } });
  const user = { kind: 'user', issuer: 'test', subject: 'jane' } as const;
  assert.deepEqual(tokens.keptUserTokens, [{ claims: handedTo('s1', { user }), userToken: 'jane' }]);
});

test('without a user there is no token, and a caller cannot put one there', async () => {
  verifies('token:user-of-call', 'token:spoof');
  await using opened = await open();
  const { fixture, call, tokens } = opened;
  await tokens.identities.update(scope, echo, ['https://app.example/back']);
  const headerAllowlist = ['WorkloadAccessToken', 'OAuth2CallbackUrl', 'X-Tenant'];
  fixture.sessions.targets.addVersion(echo, 1, { headerAllowlist });
  const spoofed = { [callbackHeader]: 'https://evil.example', 'x-tenant': 'blue' };
  const { status, seen, token } = await call({ headers: spoofed });
  assert.deepEqual(
    [status, token, seen[callbackHeader], seen['x-tenant']],
    [200, undefined, undefined, 'blue'],
  );
  const named = await call({ headers: { ...spoofed, ...forAnn } });
  assert.equal(named.seen[callbackHeader], 'https://app.example/back');
  const plain = await tokens.workloadTokens.issue(handedTo('s1', {}));
  const without = await call({ headers: { ...spoofed, [oldTokenHeader]: plain } });
  assert.deepEqual(
    [without.status, without.token, without.seen[callbackHeader]],
    [200, undefined, undefined],
  );
});

test('other sessions, other users and other incarnations get other tokens, the same ones the same for five minutes', async () => {
  verifies('token:bound', 'token:kept', 'token:session-end');
  await using opened = await open();
  const { fixture, call, claimsOf, clock } = opened;
  const tokenOf = async (session: string, userId: string) =>
    (await call({ session, headers: { [userHeader]: userId } })).token;
  const first = await tokenOf('s1', 'ann');
  assert.equal(await tokenOf('s1', 'ann'), first);
  const others = [await tokenOf('s1', 'bob'), await tokenOf('s2', 'ann')];
  assert.equal(new Set([first, ...others]).size, 3);
  await clock.advance(5 * 60_000);
  const renewed = await tokenOf('s1', 'ann');
  assert.notEqual(renewed, first);
  for (const token of [first, ...others, renewed]) await claimsOf(token);
  // Handed out just before it is renewed, a token has 25 minutes left.
  await clock.advance(5 * 60_000 - 1);
  assert.equal(await tokenOf('s1', 'ann'), renewed);
  await clock.advance(25 * 60_000 - 1_000);
  await claimsOf(renewed);

  const fresh = await tokenOf('s1', 'ann');
  await fixture.sessions.stop('s1');
  await assert.rejects(claimsOf(fresh), { code: 'access-denied', message: /whose session has ended/ });
  const next = await tokenOf('s1', 'ann');
  assert.equal((await claimsOf(next)).session?.incarnation, 2);
  await assert.rejects(claimsOf(fresh), { code: 'access-denied' });
});

test('the callback URL is the first of the return URLs, as they are now', async () => {
  verifies('token:callback-url');
  await using opened = await open();
  const { call, tokens } = opened;
  const callback = async () => (await call({ headers: forAnn })).seen[callbackHeader];
  assert.equal(await callback(), undefined);
  for (const urls of [['https://one.example', 'https://two.example'], ['https://three.example'], []]) {
    await tokens.identities.update(scope, echo, urls);
    assert.equal(await callback(), urls[0]);
    assert.equal(await callback(), urls[0]);
  }
});

test('what a user came with goes with the user to the agents that are called on the way', async () => {
  verifies('oauth:subject-token-chain');
  await using opened = await open();
  const { call, tokens } = opened;
  await tokens.create('front');
  const ofFront = { ...scope, workload: 'front', session: undefined, actors: [] };
  const user = { kind: 'user', issuer: 'test', subject: 'jane' } as const;
  for (const claims of [
    { ...ofFront, user },
    { ...ofFront, user: { kind: 'named', userId: 'ann' } as const },
  ])
    await call({ headers: { [tokenHeader]: await tokens.workloadTokens.issue(claims) } });
  assert.deepEqual(tokens.keptUserTokens, [
    { claims: handedTo('s1', { user, actors: ['front'] }), userToken: { ...ofFront, user } },
  ]);
});

test('an agent that shows its token hands its user on, and the chain grows', async () => {
  verifies('token:chain', 'token:chain-bounded');
  await using opened = await open();
  const { call, claimsOf, tokens } = opened;
  await tokens.create('front');
  const user = { kind: 'user', issuer: 'https://issuer.example', subject: 'ann' } as const;
  let shown: string | undefined = await tokens.workloadTokens.issue({
    ...{ ...scope, workload: 'front', user, session: undefined },
  });
  const actors = ['front'];
  for (const header of [tokenHeader, oldTokenHeader, tokenHeader]) {
    const { token } = await call({ session: `s${actors.length}`, headers: { [header]: shown } });
    assert.deepEqual(await claimsOf(token), handedTo(`s${actors.length}`, { user, actors }));
    assert.notEqual(token, shown);
    actors.push(echo);
    shown = token;
  }
  while (actors.length <= longestChain) {
    const { status, token } = await call({ session: `s${actors.length}`, headers: { [tokenHeader]: shown } });
    assert.equal(status, 200);
    actors.push(echo);
    shown = token;
  }
  assert.equal((await claimsOf(shown)).actors?.length, longestChain);
  const before = opened.starts();
  const refused = await call({ session: 'last', headers: { [tokenHeader]: shown } });
  assert.equal(refused.status, 400);
  assert.match(refused.seen.message ?? '', /through 10 agents already/);
  assert.equal(opened.starts(), before);
});

test('the newer name of the header wins, and a user may be named where the token has none', async () => {
  verifies('token:chain');
  await using opened = await open();
  const { call, claimsOf, tokens } = opened;
  await tokens.create('front');
  const common = { ...scope, workload: 'front', session: undefined };
  const ofAnn = await tokens.workloadTokens.issue({ ...common, user: { kind: 'named', userId: 'ann' } });
  const plain = await tokens.workloadTokens.issue({ ...common, user: undefined });
  assert.deepEqual((await claimsOf((await call({ headers: forAnn })).token)).actors, []);
  const both = await call({ headers: { [tokenHeader]: ofAnn, [oldTokenHeader]: 'nonsense' } });
  const handedOn = await claimsOf(both.token);
  assert.deepEqual([handedOn.user, handedOn.actors], [ann, ['front']]);
  const named = await call({ headers: { [tokenHeader]: plain, ...forAnn } });
  const { user, actors } = await claimsOf(named.token);
  assert.deepEqual([user, actors], [ann, ['front']]);
  const same = await call({ headers: { [tokenHeader]: ofAnn, ...forAnn } });
  assert.equal(same.status, 200);
});

test('a token that is not good is refused before anything starts', async () => {
  verifies('token:chain-refused', 'token:identity-gone', 'token:session-end');
  await using opened = await open();
  const { call, clock, tokens } = opened;
  await tokens.create('front');
  const front = {
    ...scope,
    workload: 'front',
    user: { kind: 'named', userId: 'ann' },
    session: undefined,
  } as const;
  const good = await tokens.workloadTokens.issue(front);
  const [head, , signature] = good.split('.');
  const bobs = await tokens.workloadTokens.issue({ ...front, user: { kind: 'named', userId: 'bob' } });
  const ended = await tokens.workloadTokens.issue(handedTo('ended', { user: front.user }));
  const refused = async (token: string, pattern: RegExp, more: Call = {}) => {
    for (const name of [tokenHeader, oldTokenHeader]) {
      const { status, seen, headers } = await call({ ...more, headers: { ...more.headers, [name]: token } });
      assert.deepEqual([status, headers['x-amzn-errortype']], [403, 'AccessDeniedException']);
      assert.match(seen.message ?? '', pattern);
      assert.ok(!(seen.message ?? '').includes(token));
    }
  };
  await refused('nonsense', /is not one of this server/);
  await refused(`${head}.${bobs.split('.')[1]}.${signature}`, /is not one of this server/);
  await refused(`${good}, ${good}`, /is not one of this server/);
  await refused(ended, /whose session has ended/);
  await refused('nonsense', /is not one of this server/, { claims: true });
  const contradiction = await call({ headers: { [tokenHeader]: bobs, ...forAnn } });
  assert.equal(contradiction.status, 400);
  assert.match(contradiction.seen.message ?? '', /another user than the workload access token/);
  await clock.advance(30 * 60_000);
  await refused(good, /has expired/);
  const later = await tokens.workloadTokens.issue(front);
  await tokens.identities.delete(scope, 'front');
  await refused(later, /workload identity that was deleted/);
  assert.equal(opened.starts(), 0);
});

test('who names a user, or hands one on, needs the permission for it', async () => {
  verifies('token:chain-refused', 'token:user-of-call');
  const asked: string[] = [];
  const options: FixtureOptions = {
    async authorize(_principal, action, arn) {
      asked.push(action);
      if (action.endsWith('ForUser')) throw new BerthError('access-denied', `${action} on ${arn}`);
    },
  };
  for (const [protocol, given, action] of [
    ['HTTP', {}, 'InvokeAgentRuntimeForUser'],
    ['HTTP', { claims: true }, 'InvokeAgentRuntimeForUser'],
    ['A2A', card, 'InvokeAgentRuntimeForUser'],
    ['HTTP', 'WebSocket', 'InvokeAgentRuntimeWithWebSocketStreamForUser'],
  ] as const satisfies readonly (readonly [ServerProtocol, Call | 'WebSocket', string])[]) {
    await using opened = await open({ ...options, protocol, onUpgrade: new WebSocketAgent().onUpgrade });
    const { fixture, call, tokens, starts } = opened;
    const token = await tokens.workloadTokens.issue(
      handedTo('s1', { user: { kind: 'named', userId: 'ann' } }),
    );
    for (const headers of [forAnn, { [tokenHeader]: token }, { [oldTokenHeader]: token }]) {
      asked.length = 0;
      const refused =
        given === 'WebSocket'
          ? await refusalOf(fixture, { headers })
          : await call({ ...given, headers }).then(({ status, seen: { message = '' } }) => ({
              status,
              message,
            }));
      assert.equal(refused.status, 403);
      assert.ok(refused.message.startsWith(`${action} on arn:`), refused.message);
      assert.equal(asked.length, 2);
    }
    assert.equal(starts(), 0);
    if (given !== 'WebSocket') assert.equal((await call(given)).status, 200);
    const authorizer = { discoveryUrl: 'https://issuer.test/.well-known/openid-configuration' };
    fixture.sessions.targets.addVersion(echo, 1, { authorizer, protocol });
    if (given !== 'WebSocket') {
      const bearer = await call({
        ...given,
        session: 's2',
        headers: { ...forAnn, authorization: 'Bearer jo' },
      });
      assert.equal(bearer.status, 200);
    }
  }
});
