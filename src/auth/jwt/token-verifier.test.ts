import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignJWT, UnsecuredJWT } from 'jose';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import { BerthError, type ErrorCode } from '../../shared/errors.ts';
import type { JwtAuthorizer } from '../../shared/jwt-authorizer.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { TestIssuer } from './testing/test-issuer.ts';
import { TokenVerifier } from './token-verifier.ts';

async function setUp() {
  const clock = new FakeClock();
  const issuer = await TestIssuer.create(() => clock.now());
  const failures: unknown[] = [];
  const events = { issuerFailed: (failure: unknown) => void failures.push(failure) };
  const keys = new IssuerKeys({ describe: issuer.describe, events, clock });
  const verifier = new TokenVerifier({ keys, clock });
  const verify = (token: string, rules: Partial<JwtAuthorizer> = {}) =>
    verifier.verify(token, { discoveryUrl: issuer.discoveryUrl, ...rules });
  return { clock, issuer, failures, verify };
}

function refusal(pattern: RegExp, code: ErrorCode = 'unauthorized') {
  return (error: unknown) => {
    assert.ok(error instanceof BerthError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    return true;
  };
}

const minute = 60_000;

test('a token by the issuer says who calls: its subject, or its client when it has none', async () => {
  verifies('auth:bearer', 'auth:bearer-subject');
  const { issuer, verify } = await setUp();
  const { name } = issuer;
  const user = await issuer.sign({ client_id: 'web' });
  assert.deepEqual(await verify(user), { issuer: name, holder: 'user', subject: 'user-1' });
  const client = await issuer.sign({ sub: undefined, client_id: 'robot' });
  assert.deepEqual(await verify(client), { issuer: name, holder: 'client', subject: 'robot' });
  const nobody = await issuer.sign({ sub: undefined });
  await assert.rejects(verify(nobody), refusal(/neither sub nor client_id/));
});

test("a user whose sub cannot be taken is refused, not taken for the client that all the client's users share", async () => {
  verifies('auth:bearer-subject');
  const { issuer, verify } = await setUp();
  for (const sub of [42, '', null, ['ann'], 'a'.repeat(1_025)])
    await assert.rejects(
      verify(await issuer.sign({ sub, client_id: 'web' })),
      refusal(/token's sub must be/),
    );
  for (const client_id of [42, '', 'a'.repeat(1_025)])
    await assert.rejects(
      verify(await issuer.sign({ sub: undefined, client_id })),
      refusal(/client_id must be/),
    );
});

test('expired, premature, foreign and endless tokens are refused, within a minute of skew', async () => {
  verifies('auth:bearer-times');
  const { clock, issuer, verify } = await setUp();
  const nowS = clock.now() / 1000;
  await assert.rejects(verify(await issuer.sign({ exp: nowS - 61 })), refusal(/has expired/));
  await verify(await issuer.sign({ exp: nowS - 59 }));
  await assert.rejects(verify(await issuer.sign({ nbf: nowS + 61 })), refusal(/not valid yet/));
  await verify(await issuer.sign({ nbf: nowS + 59 }));
  await assert.rejects(verify(await issuer.sign({ exp: undefined })), refusal(/claim exp/));
  await assert.rejects(verify(await issuer.sign({ iss: 'https://other.example' })), refusal(/issuer/));
  const good = await issuer.sign();
  await clock.advance(62 * minute);
  await assert.rejects(verify(good), refusal(/has expired/));
});

test('only signatures with public keys count, and only by a key of the issuer', async () => {
  verifies('auth:bearer-signature');
  const { clock, issuer, verify } = await setUp();
  for (const algorithm of ['RS256', 'PS384', 'ES512', 'EdDSA']) {
    await issuer.addKey(algorithm, algorithm);
    await clock.advance(minute);
    await verify(await issuer.sign());
  }
  const claims = { iss: issuer.name, sub: 'user-1', exp: clock.now() / 1000 + 60 };
  const unsecured = new UnsecuredJWT(claims).encode();
  await assert.rejects(verify(unsecured), refusal(/algorithm of public keys/));
  // A classic: the public key as the secret of an HMAC.
  const secret = Buffer.from(JSON.stringify(issuer.jwks.keys[0]));
  const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret);
  await assert.rejects(verify(forged), refusal(/algorithm of public keys/));
  const stranger = await TestIssuer.create(() => clock.now());
  await assert.rejects(verify(await stranger.sign()), refusal(/signature is not valid/));
  const [head, , signature] = (await issuer.sign()).split('.');
  const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url');
  await assert.rejects(verify(`${head}.${changed}.${signature}`), refusal(/signature is not valid/));
});

test('what is no token asks no issuer and is not repeated', async () => {
  verifies('auth:bearer-malformed');
  const { issuer, verify } = await setUp();
  const texts = [
    'secret',
    'a.b',
    'a.b.c',
    'a.b.c.d.e',
    '..',
    `${'a'.repeat(16_384)}.b.c`,
    'eyJhbGciOiJub25lIn0.e30.',
  ];
  for (const text of texts) {
    await assert.rejects(verify(text), (error: unknown) => {
      refusal(/token/)(error);
      return !String(error).includes('secret');
    });
  }
  assert.equal(issuer.asked, 0);
});

test('audience, client, scope and claims: each list that is there must be met', async () => {
  verifies('auth:bearer-rules', 'auth:bearer-claims');
  const { issuer, verify } = await setUp();
  const token = await issuer.sign({
    aud: ['api', 'other'],
    client_id: 'web',
    azp: 'azp-client',
    scope: 'read write',
    tier: 'gold',
    'cognito:groups': ['staff', 'ops'],
    level: 3,
  });
  const claim = 'cognito:groups';
  const taken: Partial<JwtAuthorizer>[] = [
    { allowedAudience: ['api'] },
    { allowedClients: ['cli', 'web'] },
    { allowedScopes: ['admin', 'write'] },
    { customClaims: [{ kind: 'is', claim: 'tier', value: 'gold' }] },
    { customClaims: [{ kind: 'is-one-of', claim: 'tier', values: ['silver', 'gold'] }] },
    { customClaims: [{ kind: 'has', claim, value: 'ops' }] },
    { customClaims: [{ kind: 'has-any', claim, values: ['board', 'staff'] }] },
    { allowedAudience: ['other'], allowedClients: ['web'], allowedScopes: ['read'] },
  ];
  for (const rules of taken) await verify(token, rules);
  const refused: [Partial<JwtAuthorizer>, RegExp][] = [
    [{ allowedAudience: ['ap'] }, /audience/],
    // As AWS has it, `azp` is no client_id; a custom claim can ask for it.
    [{ allowedClients: ['azp-client'] }, /client/],
    [{ allowedScopes: ['rea', 'read write'] }, /scope/],
    [{ allowedAudience: ['api'], allowedClients: ['cli'] }, /client/],
    [{ customClaims: [{ kind: 'is', claim: 'tier', value: 'silver' }] }, /claim tier/],
    [{ customClaims: [{ kind: 'is', claim, value: 'ops' }] }, /claim cognito:groups/],
    [{ customClaims: [{ kind: 'is', claim: 'level', value: '3' }] }, /claim level/],
    [{ customClaims: [{ kind: 'is-one-of', claim: 'tier', values: ['go', 'golden'] }] }, /tier/],
    [{ customClaims: [{ kind: 'has', claim, value: 'op' }] }, /groups/],
    [{ customClaims: [{ kind: 'has', claim: 'tier', value: 'gold' }] }, /tier/],
    [{ customClaims: [{ kind: 'has-any', claim, values: ['board'] }] }, /groups/],
    [{ customClaims: [{ kind: 'is', claim: 'toString', value: 'x' }] }, /toString/],
    [
      {
        customClaims: [
          { kind: 'is', claim: 'tier', value: 'gold' },
          { kind: 'has', claim, value: 'board' },
        ],
      },
      /groups/,
    ],
  ];
  for (const [rules, pattern] of refused) await assert.rejects(verify(token, rules), refusal(pattern));
  const cognito = await issuer.sign({ client_id: 'web', token_use: 'access' });
  await verify(cognito, { allowedClients: ['web'] });
  await assert.rejects(verify(cognito, { allowedAudience: ['web'] }), refusal(/audience/));
  for (const scp of ['read write', ['read', 'write']])
    await verify(await issuer.sign({ scp }), { allowedScopes: ['write'] });
});

test('keys are fetched once for calls at once, and again after a quarter of an hour', async () => {
  verifies('auth:bearer-keys');
  const { clock, issuer, verify } = await setUp();
  const token = await issuer.sign();
  await Promise.all(Array.from({ length: 20 }, () => verify(token)));
  assert.equal(issuer.asked, 1);
  await clock.advance(14 * minute);
  await verify(token);
  assert.equal(issuer.asked, 1);
  await clock.advance(minute);
  await verify(token);
  assert.equal(issuer.asked, 2);
  // A key that its issuer has withdrawn is of no use from then on.
  await issuer.rotate('key-2');
  await clock.advance(15 * minute);
  await assert.rejects(verify(token), refusal(/key that its issuer does not have/));
});

test('an unknown key id makes Berth ask again, half a minute after the last time at the earliest', async () => {
  verifies('auth:bearer-keys');
  const { clock, issuer, verify } = await setUp();
  await verify(await issuer.sign());
  await issuer.rotate('key-2');
  const rotated = await issuer.sign();
  await assert.rejects(verify(rotated), refusal(/key that its issuer does not have/));
  assert.equal(issuer.asked, 1);
  await clock.advance(30_000);
  await Promise.all([verify(rotated), verify(rotated)]);
  assert.equal(issuer.asked, 2);
  for (let strange = 0; strange < 10; strange += 1) {
    const token = await issuer.sign({}, { kid: `strange-${strange}` });
    await assert.rejects(verify(token), refusal(/key that its issuer does not have/));
  }
  assert.equal(issuer.asked, 2);
});

test('calls that meet a rotation at once all see the new keys, whoever fetched them', async () => {
  verifies('auth:bearer-keys');
  const { clock, issuer } = await setUp();
  const keys = new IssuerKeys({ describe: issuer.describe, events: { issuerFailed: () => {} }, clock });
  const old = await keys.current(issuer.discoveryUrl);
  await issuer.rotate('key-2');
  await clock.advance(30_000);
  const newer = await keys.newerThan(old, issuer.discoveryUrl);
  assert.notEqual(newer, undefined);
  assert.equal(await keys.newerThan(old, issuer.discoveryUrl), newer);
  assert.equal(await keys.current(issuer.discoveryUrl), newer);
  assert.equal(issuer.asked, 2);
});

test('a token that names no key is tried with each', async () => {
  verifies('auth:bearer-signature');
  const { issuer, verify } = await setUp();
  await issuer.addKey('key-2');
  await issuer.addKey('key-3');
  const unnamed = { kid: undefined };
  assert.equal((await verify(await issuer.sign({}, unnamed))).subject, 'user-1');
  const stranger = await TestIssuer.create(() => 1_800_000_000_000);
  await assert.rejects(verify(await stranger.sign({}, unnamed)), refusal(/signature is not valid/));
});

test('while an issuer is down its known keys serve for a day; without any the caller is told to come back', async () => {
  verifies('auth:bearer-issuer-down');
  const { clock, issuer, failures, verify } = await setUp();
  issuer.isDown = true;
  const early = await issuer.sign();
  const gone = refusal(/cannot be had now\. Try again later/, 'unavailable');
  await assert.rejects(verify(early), gone);
  await assert.rejects(verify(early), gone);
  assert.deepEqual([issuer.asked, failures.length], [1, 1]);
  issuer.isDown = false;
  await clock.advance(5_000);
  await verify(early);
  issuer.isDown = true;
  await clock.advance(23 * 60 * minute);
  const late = await issuer.sign();
  await verify(late);
  await verify(late);
  assert.deepEqual([issuer.asked, failures.length], [3, 2]);
  await clock.advance(60 * minute);
  await assert.rejects(verify(await issuer.sign()), gone);
});
