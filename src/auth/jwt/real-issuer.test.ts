import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import type { JwtAuthorizer } from '../../shared/jwt-authorizer.ts';
import { IssuerClient } from './issuer-client.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { IssuerPolicy } from './issuer-policy.ts';
import { describeOverHttp, type Issuer } from './issuer.ts';
import { RealIssuer } from './testing/real-issuer.ts';
import { TokenVerifier } from './token-verifier.ts';

async function setUp(change: (issuer: Issuer) => Issuer = (issuer) => issuer) {
  const issuer = await RealIssuer.start();
  // It begins at the issuer's own time, and passes when a test says so.
  const clock = new FakeClock(Date.now());
  const policy = new IssuerPolicy({ privateIssuers: [issuer.name], hostAddresses: () => [] });
  const read = describeOverHttp(new IssuerClient({ policy, clock }));
  const describe = async (discoveryUrl: string) => change(await read(discoveryUrl));
  const failures: unknown[] = [];
  const events = { issuerFailed: (failure: unknown) => void failures.push(failure) };
  const verifier = new TokenVerifier({ keys: new IssuerKeys({ describe, events, clock }), clock });
  const verify = (token: string, rules: Partial<JwtAuthorizer> = {}) =>
    verifier.verify(token, { discoveryUrl: issuer.discoveryUrl, ...rules });
  return { issuer, clock, failures, verify, [Symbol.asyncDispose]: () => issuer[Symbol.asyncDispose]() };
}

const refused = (message: RegExp) => ({ code: 'unauthorized', message });

test('tokens of a real issuer: valid, expired, wrong audience, client, scope and claim', async () => {
  verifies('auth:bearer-real-issuer');
  await using opened = await setUp();
  const { issuer, clock, verify } = opened;
  const rules: Partial<JwtAuthorizer> = {
    allowedAudience: ['urn:agents'],
    allowedClients: ['web'],
    allowedScopes: ['write'],
    customClaims: [{ kind: 'has-any', claim: 'groups', values: ['team-web'] }],
  };
  const good = await issuer.token({ scope: 'read write' });
  assert.deepEqual(await verify(good, rules), { issuer: issuer.name, holder: 'user', subject: 'web' });
  const elsewhere = await issuer.token({ resource: 'urn:elsewhere', scope: 'write' });
  await assert.rejects(verify(elsewhere, rules), refused(/audience/));
  const other = await issuer.token({ client: 'other', scope: 'write' });
  await assert.rejects(verify(other, rules), refused(/client/));
  await assert.rejects(verify(await issuer.token({ scope: 'read' }), rules), refused(/scope/));
  const { allowedClients: _, ...anyClient } = rules;
  await assert.rejects(verify(other, anyClient), refused(/claim groups/));
  await clock.advance(62 * 60_000);
  await assert.rejects(verify(good, rules), refused(/expired/));
});

test('a token of another issuer is refused, though its keys are as real', async () => {
  verifies('auth:bearer-real-issuer');
  await using opened = await setUp();
  await using other = await RealIssuer.start();
  await other.rotate('another');
  await assert.rejects(opened.verify(await other.token()), refused(/key that its issuer does not have/));
  await using renamed = await setUp((issuer) => ({ ...issuer, name: 'https://trusted.example' }));
  await assert.rejects(renamed.verify(await renamed.issuer.token()), refused(/issuer \(iss\)/));
});

test('rotated keys are found, and while the issuer is down its known keys serve', async () => {
  verifies('auth:bearer-real-issuer');
  await using opened = await setUp();
  const { issuer, clock, failures, verify } = opened;
  await verify(await issuer.token());
  await issuer.rotate('second');
  await clock.advance(30_000);
  const token = await issuer.token();
  await verify(token);
  await issuer.stop();
  await clock.advance(16 * 60_000);
  await verify(token);
  assert.equal(failures.length, 1);
});

test('an issuer that is down from the start is told apart from a bad token', async () => {
  verifies('auth:bearer-real-issuer');
  await using opened = await setUp();
  const token = await opened.issuer.token();
  await opened.issuer.stop();
  await assert.rejects(opened.verify(token), { code: 'unavailable', message: /cannot be had now/ });
  assert.match(String((opened.failures[0] as { error: unknown }).error), /ECONNREFUSED/);
});
