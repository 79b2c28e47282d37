import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { AccessFacts } from '../../auth/access-facts.ts';
import { readPolicy } from '../../auth/policies/read-policy.ts';
import { tokensUnderTest } from '../../identity/testing/tokens-under-test.ts';
import type { WorkloadClaims, WorkloadUser } from '../../identity/tokens/workload-token.ts';
import { runtimeArn } from '../../runtimes/arns.ts';
import { echo, scope, sessionNamed } from '../../sessions/testing/sessions-fixture.ts';
import { knownActions } from '../known-actions.ts';
import { type Call, DataPlaneFixture, echoPath } from './testing/data-plane-fixture.ts';
import { WebSocketAgent } from './testing/websocket-agent.ts';
import { refusalOf } from './testing/websocket-client.ts';

const tokenHeader = 'x-amz-bedrock-agentcore-identity-wat';
const userHeader = 'x-amzn-bedrock-agentcore-runtime-user-id';
const own = sessionNamed('own');
const ann = { kind: 'named', userId: 'ann' } as const;

/** A policy that grants all of the data plane to the agents of the runtime, users' names included. */
function generous(): AccessFacts {
  const resourceArn = runtimeArn(scope, echo);
  const statement = {
    ...{ Effect: 'Allow', Action: 'bedrock-agentcore:*', Resource: resourceArn },
    Principal: { AWS: `arn:aws:iam::${scope.accountId}:role/${echo}` },
  };
  const place = { resourceArn, accountId: scope.accountId, knownActions: knownActions() };
  const policy = readPolicy(JSON.stringify({ Version: '2012-10-17', Statement: statement }), place);
  return { find: () => ({ name: 'echo', tags: {}, policy, endpoint: () => ({ tags: {}, policy }) }) };
}

async function open() {
  const tokens = await tokensUnderTest();
  await tokens.createOwned(echo);
  const fixture = await DataPlaneFixture.open(
    (request, response) => response.end(JSON.stringify(request.headers)),
    { agentTokens: tokens.agentTokens, facts: generous(), onUpgrade: new WebSocketAgent().onUpgrade },
  );
  const asAgent = { authorization: `AGENT ${own}` };
  return {
    ...{ fixture, tokens, asAgent },
    call: (headers: Readonly<Record<string, string>>, given: Call = {}) =>
      fixture.call({ session: 'other', body: '{}', ...given, headers: { ...asAgent, ...headers } }),
    tokenOf: (user: WorkloadUser | undefined, changes: Partial<WorkloadClaims> = {}) =>
      tokens.workloadTokens.issue({
        ...{ ...scope, workload: echo, user },
        session: { runtimeId: echo, sessionId: own, incarnation: 1 },
        ...changes,
      }),
    async [Symbol.asyncDispose]() {
      await fixture[Symbol.asyncDispose]();
      await tokens[Symbol.asyncDispose]();
    },
  };
}

test('an agent hands on the user who called it, by the token that came with the call', async () => {
  verifies('authz:agent-users');
  await using opened = await open();
  const { call, tokenOf, tokens } = opened;
  const token = await tokenOf(ann);
  for (const headers of [{ [tokenHeader]: token }, { [tokenHeader]: token, [userHeader]: 'ann' }]) {
    const { status, body } = await call(headers);
    assert.equal(status, 200, body);
    const handed = (JSON.parse(body) as Record<string, string>)[tokenHeader] ?? '';
    const { user, actors } = await tokens.workloadTokens.verify(scope, handed);
    assert.deepEqual([user, actors], [ann, [echo]]);
  }
  assert.equal((await call({})).status, 200);
});

test('an agent is not believed when it only says who its user is, whatever a policy grants its role', async () => {
  verifies('authz:agent-users', 'authz:audit-doors');
  await using opened = await open();
  const { fixture, call, tokenOf, asAgent } = opened;
  const named = { [userHeader]: 'bob' };
  const tries = [
    named,
    { ...named, [tokenHeader]: await tokenOf(undefined) },
    { ...named, [tokenHeader]: await tokenOf(ann) },
  ];
  const paths = ['/invocations', '/commands', '/stopruntimesession'];
  for (const path of paths)
    for (const headers of tries) {
      const { status, body } = await call(headers, { path: echoPath + path, body: '{"command":"id"}' });
      assert.equal(status, 403, `${path} ${body}`);
      assert.match(body, /not believed/);
    }
  assert.equal((await refusalOf(fixture, { headers: { ...asAgent, ...named } })).status, 403);
  assert.equal(fixture.sessions.driver.starts.length, 0);
  assert.equal(fixture.audit.lines.length, tries.length * paths.length + 1);
  const told = /^deny arn:aws:sts::\d+:assumed-role\/echo-AbCdEf1234\/\S+ bedrock-agentcore:\w+ForUser arn:/;
  for (const line of fixture.audit.lines) assert.match(line, told);
});

test('a token of another session, of another workload or made up hands nobody on, and is in the audit log', async () => {
  verifies('authz:agent-users', 'authz:audit-doors');
  await using opened = await open();
  const { fixture, call, tokenOf, tokens } = opened;
  await tokens.create('front');
  const elsewhere = { runtimeId: echo, sessionId: sessionNamed('elsewhere'), incarnation: 1 };
  const bad = [
    await tokenOf(ann, { session: elsewhere }),
    await tokenOf(ann, { workload: 'front' }),
    'eyJmYWtlIjp0cnVlfQ.e30.c2VjcmV0',
  ];
  for (const token of bad) assert.equal((await call({ [tokenHeader]: token })).status, 403);
  const key = { authorization: 'WEB application', [tokenHeader]: 'nonsense' };
  assert.equal((await call(key)).status, 403);
  assert.equal(fixture.audit.lines.length, bad.length + 1);
  const log = fixture.audit.lines.join('\n');
  assert.match(log, /user\/WEB bedrock-agentcore:InvokeAgentRuntimeForUser arn:\S+ \(.*token/);
  for (const token of bad) assert.ok(!log.includes(token));
});
