import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { Principal } from '../../auth/principal.ts';
import { testRuntime, testScope, tokensUnderTest } from '../../identity/testing/tokens-under-test.ts';
import type { WorkloadClaims } from '../../identity/tokens/workload-token.ts';
import { scope } from '../../sessions/testing/sessions-fixture.ts';
import type { SessionId } from '../../shared/ids.ts';
import { authorizeUser, findCallUser } from './call-user.ts';
import { readInvokeHeaders } from './invoke-headers.ts';

const arn = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/back-AbCdEf1234';
const action = 'InvokeAgentRuntimeForUser';
const access = { sourceIp: undefined, requestId: 'r-1', isSecure: false };
const userHeader = { 'x-amzn-bedrock-agentcore-runtime-user-id': 'ann' };
const tokenHeader = { 'x-amz-bedrock-agentcore-identity-wat': 'a.b.c' };

const key = { kind: 'access-key', accessKeyId: 'AKIATEST', role: 'invoker' };
const role = { kind: 'role', roleArn: 'arn:aws:iam::111122223333:role/agent', workload: 'front' };
const bearer = { kind: 'token', issuer: 'https://idp.example', subject: 'ann' };

test('an agent is never asked for the permission to name a user, since only its token says who that is; a key is', async () => {
  verifies('role:hands-on', 'token:chain-refused');
  for (const [caller, headers, expected] of [
    [role, tokenHeader, []],
    [role, { workloadaccesstoken: 'a.b.c' }, []],
    [role, userHeader, []],
    [role, { ...tokenHeader, ...userHeader }, []],
    [role, {}, []],
    [key, tokenHeader, [action]],
    [key, userHeader, [action]],
    [key, {}, []],
    [bearer, { ...tokenHeader, ...userHeader }, []],
  ] as const) {
    const asked: string[] = [];
    const mayDo = async (_: Principal, wanted: string) => void asked.push(wanted);
    const principal = { ...scope, ...caller } as unknown as Principal;
    await authorizeUser(mayDo, principal, readInvokeHeaders({ headers }), { action, arn, access });
    assert.deepEqual(asked, expected, JSON.stringify([caller.kind, headers]));
  }
});

test('an agent hands on by the token of its own session only', async () => {
  verifies('role:hands-on');
  await using tokens = await tokensUnderTest();
  await tokens.createOwned(testRuntime);
  const session = { runtimeId: testRuntime, sessionId: 's-own' as SessionId, incarnation: 2 };
  const own = { ...role, ...testScope, workload: testRuntime, ...session } as unknown as Principal;
  const handOn = async (changes: Partial<WorkloadClaims>) => {
    const user = { kind: 'named', userId: 'ann' } as const;
    const claims = { ...testScope, workload: testRuntime, user, session, ...changes };
    const shown = { 'x-amz-bedrock-agentcore-identity-wat': await tokens.workloadTokens.issue(claims) };
    const { agentTokens } = tokens;
    const parts = { agentTokens, audit: { denied: () => {} } };
    return findCallUser(parts, own, readInvokeHeaders({ headers: shown }), { action, arn, access });
  };

  const onBehalf = await handOn({});
  assert.deepEqual([onBehalf?.user, onBehalf?.actors], [{ kind: 'named', userId: 'ann' }, [testRuntime]]);
  for (const stolen of [
    { session: { ...session, sessionId: 's-other' as SessionId } },
    { session: { ...session, incarnation: 1 } },
    { session: undefined },
  ])
    await assert.rejects(handOn(stolen), { code: 'access-denied', message: /of another workload identity/ });
});
