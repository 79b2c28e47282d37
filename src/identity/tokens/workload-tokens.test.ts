import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64url, decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import { BerthError } from '../../shared/errors.ts';
import type { AccountId, SessionId } from '../../shared/ids.ts';
import { testRuntime, testScope, tokensUnderTest } from '../testing/tokens-under-test.ts';
import { userKey, type WorkloadClaims, type WorkloadUser } from './workload-token.ts';

const ann: WorkloadUser = { kind: 'user', issuer: 'https://login.example/realms/a', subject: 'ann' };
const sessionId = '3f1c9a5e-7d2b-4c41-9a77-0d5a6f1c2b3e' as SessionId;
const session = { runtimeId: testRuntime, sessionId, incarnation: 2 };
const handed: WorkloadClaims = { ...testScope, workload: testRuntime, user: ann, session, actors: ['front'] };
const plain: WorkloadClaims = { ...testScope, workload: 'worker', user: undefined, session: undefined };

async function open(options: Parameters<typeof tokensUnderTest>[0] = {}) {
  const clock = new FakeClock();
  const server = await tokensUnderTest({ clock, ...options });
  await server.createOwned(testRuntime);
  await server.create('worker');
  const { workloadTokens } = server;
  const refused = async (token: string, pattern: RegExp, scope = testScope) =>
    assert.rejects(workloadTokens.verify(scope, token), (error: unknown) => {
      assert.ok(error instanceof BerthError, String(error));
      assert.equal(error.code, 'access-denied');
      assert.match(error.message, pattern);
      const told = `${error.message} ${String(error.cause)}`;
      for (const part of token.split('.')) assert.ok(part.length < 8 || !told.includes(part));
      return true;
    });
  return { ...server, clock, refused };
}

test('a token says what it was issued for, in a few hundred bytes', async () => {
  verifies('token:short', 'token:bound');
  await using server = await open();
  const { workloadTokens } = server;
  const token = await workloadTokens.issue(handed);
  assert.deepEqual(await workloadTokens.verify(testScope, token), handed);
  assert.ok(token.length < 512, `${token.length} bytes`);
  const named: WorkloadUser = { kind: 'named', userId: 'Jürgen, Chef' };
  const client: WorkloadUser = { ...ann, kind: 'client' };
  for (const user of [named, client]) {
    const other = await workloadTokens.verify(testScope, await workloadTokens.issue({ ...plain, user }));
    assert.deepEqual(other, { ...plain, user, actors: [] });
  }
});

test('users and clients of an issuer and users that somebody names are never the same, whatever they are called', () => {
  verifies('token:for-user-id', 'token:client');
  const names = ['ann', '["token","https://a","ann"]', 'https://a ann', '', 'https://a'];
  const users: WorkloadUser[] = names.flatMap((name) => [
    { kind: 'named', userId: name },
    ...names.flatMap((issuer) =>
      (['user', 'client'] as const).map((kind) => ({ kind, issuer, subject: name })),
    ),
  ]);
  assert.equal(new Set(users.map(userKey)).size, users.length);
});

test('a token is good for 30 minutes', async () => {
  verifies('token:workload', 'token:refused');
  await using server = await open();
  const { workloadTokens, clock, refused } = server;
  const token = await workloadTokens.issue(plain);
  await clock.advance(30 * 60_000 - 1_000);
  await workloadTokens.verify(testScope, token);
  await clock.advance(1_000);
  await refused(token, /has expired/);
});

test('whatever is changed in a token, it is refused', async () => {
  verifies('token:refused');
  await using server = await open();
  const { workloadTokens, refused, signingKeys } = server;
  const token = await workloadTokens.issue(handed);
  const [head = '', body = '', signature = ''] = token.split('.');
  const theirs = await workloadTokens.issue({ ...handed, user: { ...ann, subject: 'bob' } });
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
  const forged = base64url.encode(JSON.stringify({ ...claims, sub: 'worker' }));
  const { id: kid } = await signingKeys.current();
  const byAnother = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid });
  const unsigned = new UnsecuredJWT(claims).encode();
  const noAlgorithm = base64url.encode(JSON.stringify({ alg: 'none', kid }));
  for (const bad of [
    `${head}.${theirs.split('.')[1]}.${signature}`,
    `${head}.${forged}.${signature}`,
    `${head}.${body}.${theirs.split('.')[2]}`,
    `${head}.${body}.`,
    `${noAlgorithm}.${body}.`,
    `${noAlgorithm}.${body}.${signature}`,
    unsigned,
    await byAnother.sign(new Uint8Array(32)),
    `${token}.${signature}`,
    `${token},${token}`,
    `${head}.${body}`,
    'nonsense',
    'a.b.c',
    '',
    'x'.repeat(100_000),
  ])
    await refused(bad, /is not one of this server/);
});

test('a token that says its user in another way, as another version of Berth does, is refused', async () => {
  verifies('token:refused');
  await using server = await open();
  const { workloadTokens, refused, signingKeys } = server;
  const claims = decodeJwt(await workloadTokens.issue(handed));
  const { id: kid, key } = await signingKeys.current();
  const sign = (usr: unknown) =>
    new SignJWT({ ...claims, usr }).setProtectedHeader({ alg: 'HS256', kid }).sign(key);
  assert.deepEqual(await workloadTokens.verify(testScope, await sign(claims['usr'])), handed);
  for (const usr of [['token', 'https://login.example', 'ann'], ['user', 'ann'], 'ann'])
    await refused(await sign(usr), /is not one of this server/);
});

test('every single character counts', async () => {
  verifies('token:refused');
  await using server = await open();
  const { workloadTokens, refused } = server;
  const token = await workloadTokens.issue(handed);
  // Of the last character of a part some bits mean nothing.
  const lasts = new Set([...token.matchAll(/.(?=\.|$)/g)].map(({ index }) => index));
  for (let at = 0; at < token.length; at += 1) {
    if (lasts.has(at)) continue;
    const other = token[at] === 'A' ? 'B' : 'A';
    await refused(token.slice(0, at) + other + token.slice(at + 1), /is not one of this server/);
  }
});

test('a token is of one server, one account and one region', async () => {
  verifies('token:refused');
  await using server = await open();
  await using elsewhere = await open();
  const { workloadTokens, refused } = server;
  const token = await workloadTokens.issue(plain);
  await refused(token, /another account or region/, { ...testScope, region: 'eu-west-1' });
  await refused(token, /another account or region/, { ...testScope, accountId: '999999999999' as AccountId });
  await elsewhere.refused(token, /is not one of this server/);
});

test('the token of a deleted identity is refused, also after one of that name is made again', async () => {
  verifies('token:identity-gone');
  await using server = await open();
  const { workloadTokens, identities, refused, create } = server;
  const token = await workloadTokens.issue(plain);
  await identities.update(testScope, 'worker', ['https://app.example/back']);
  await workloadTokens.verify(testScope, token);
  await identities.delete(testScope, 'worker');
  await refused(token, /workload identity that was deleted/);
  await assert.rejects(workloadTokens.issue(plain), { code: 'not-found' });
  await create('worker');
  await refused(token, /workload identity that was deleted/);
  await workloadTokens.verify(testScope, await workloadTokens.issue(plain));
});

test('a token handed to an agent is good as long as just that incarnation of its session lives', async () => {
  verifies('token:session-end');
  const asked: unknown[] = [];
  let live = 2;
  await using server = await open({
    isLive: async (...question) => {
      asked.push(question);
      return question[2] === live;
    },
  });
  const { workloadTokens, refused } = server;
  const token = await workloadTokens.issue(handed);
  await workloadTokens.verify(testScope, token);
  assert.deepEqual(asked, [[testRuntime, sessionId, 2]]);
  live = 3;
  await refused(token, /whose session has ended/);
  await workloadTokens.verify(testScope, await workloadTokens.issue(plain));
});
