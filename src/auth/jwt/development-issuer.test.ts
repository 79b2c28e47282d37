import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import { systemRandom } from '../../shared/ids.ts';
import { openDatabase } from '../../storage/database.ts';
import { createSealedBox } from '../../storage/sealed-box.ts';
import { DevelopmentIssuer } from './development-issuer.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { loadIssuerKey } from './sql-issuer-key.ts';
import { TokenVerifier } from './token-verifier.ts';

const pem = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey;

function setUp() {
  const clock = new FakeClock();
  const issuer = new DevelopmentIssuer({
    publicUrl: 'http://127.0.0.1:4700',
    listenPort: 4700,
    loadKey: async () => pem,
    clock,
    random: systemRandom,
  });
  return { clock, issuer };
}

const request = { clientId: 'web', username: 'ann', scopes: ['read', 'write'], lifetimeS: 600 };

test('a development token has the shape of a Cognito access token', async () => {
  verifies('auth:development-issuer');
  const { clock, issuer } = setUp();
  const { token, expiresAtMs } = await issuer.issue(request);
  const { sub, jti, ...claims } = decodeJwt(token);
  const nowS = clock.now() / 1000;
  assert.deepEqual(claims, {
    iss: 'http://127.0.0.1:4700/berth-issuer',
    client_id: 'web',
    token_use: 'access',
    scope: 'read write',
    auth_time: nowS,
    iat: nowS,
    exp: nowS + 600,
    username: 'ann',
    version: 2,
  });
  assert.equal(expiresAtMs, clock.now() + 600_000);
  for (const id of [sub, jti])
    assert.match(id ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  const again = decodeJwt((await issuer.issue(request)).token);
  assert.equal(again.sub, sub);
  assert.notEqual(again.jti, jti);
  assert.notEqual(decodeJwt((await issuer.issue({ ...request, username: 'bob' })).token).sub, sub);
});

test('its tokens are verified like those of any issuer', async () => {
  verifies('auth:development-issuer');
  const { clock, issuer } = setUp();
  const events = { issuerFailed: (failure: unknown) => assert.fail(String(failure)) };
  const keys = new IssuerKeys({ describe: () => issuer.describe(), events, clock });
  const verifier = new TokenVerifier({ keys, clock });
  const { token } = await issuer.issue(request);
  const { discoveryUrl } = issuer;
  const bearer = await verifier.verify(token, {
    discoveryUrl,
    allowedClients: ['web'],
    allowedScopes: ['write'],
  });
  assert.equal(bearer.issuer, issuer.name);
});

test('it knows its own address, under every name of loopback and no other', () => {
  verifies('auth:development-issuer');
  const { issuer } = setUp();
  const path = '/berth-issuer/.well-known/openid-configuration';
  for (const origin of ['http://127.0.0.1:4700', 'http://localhost:4700', 'http://[::1]:4700'])
    assert.ok(issuer.owns(origin + path), origin);
  for (const origin of [
    'http://127.0.0.1:4701',
    'https://127.0.0.1:4700',
    'http://10.0.0.1:4700',
    'https://a.example',
  ])
    assert.ok(!issuer.owns(origin + path), origin);
  assert.ok(!issuer.owns('http://127.0.0.1:4700/other/.well-known/openid-configuration'));
});

test('its key is made once and kept sealed', async () => {
  verifies('auth:development-issuer');
  const database = await openDatabase(':memory:');
  const parts = { database, sealedBox: createSealedBox(new Uint8Array(32)) };
  const [first, second] = await Promise.all([loadIssuerKey(parts), loadIssuerKey(parts)]);
  assert.match(first, /^-----BEGIN PRIVATE KEY-----/);
  assert.deepEqual([second, await loadIssuerKey(parts)], [first, first]);
  const rows = await database.selectFrom('settings').selectAll().execute();
  assert.doesNotMatch(JSON.stringify(rows), /PRIVATE KEY/);
  await database.destroy();
});
