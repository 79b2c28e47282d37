import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import { exception, oauthFixture, type Wish } from './testing/oauth-fixture.ts';

type Claims = ReturnType<Awaited<ReturnType<typeof oauthFixture>>['claims']>;

const m2m: Wish = { oauth2Flow: 'M2M', scopes: ['read', 'write'] };
const exchange: Wish = { oauth2Flow: 'ON_BEHALF_OF_TOKEN_EXCHANGE', scopes: ['read'] };

function userToken(lifeS = 3_600, nowMs = Date.now()): string {
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const exp = Math.floor(nowMs / 1000) + lifeS;
  return `${encoded({ alg: 'RS256' })}.${encoded({ sub: 'alice', exp })}.c2lnbmF0dXJl`;
}

test('M2M gives a token of the client, also to a workload that acts for nobody', async () => {
  verifies('oauth:m2m', 'oauth:custom-parameters');
  await using fixture = await oauthFixture();
  const { get, token, issuer } = fixture;
  const workloadIdentityToken = await token({ user: undefined });
  const answer = await get({
    ...m2m,
    workloadIdentityToken,
    resources: ['urn:files'],
    customParameters: { note: 'x' },
  });
  assert.deepEqual(Object.keys(answer), ['accessToken']);
  const claims = JSON.parse(
    Buffer.from(answer.accessToken?.split('.')[1] ?? '', 'base64url').toString(),
  ) as Record<string, unknown>;
  assert.equal(claims['aud'], 'urn:files');
  assert.equal(claims['scope'], 'read write');
  assert.equal(issuer.tokenRequests[0]?.['resource'], 'urn:files');
});

test('M2M tokens are kept per request, shared by concurrent calls, and fetched anew early', async () => {
  verifies('oauth:m2m-cached');
  await using fixture = await oauthFixture();
  const { get, token, clock, issuer, providers, provider } = fixture;
  const answers = await Promise.all([get(m2m), get({ ...m2m, scopes: ['write', 'read'] }), get(m2m)]);
  assert.equal(new Set(answers.map(({ accessToken }) => accessToken)).size, 1);
  const second = await token({ workload: 'second-agent' });
  assert.deepEqual(await get({ ...m2m, workloadIdentityToken: second }), answers[0]);
  assert.equal(issuer.tokenRequests.length, 1);

  const others = [
    { scopes: ['read'] },
    { resources: ['urn:files'] },
    { audiences: ['files'] },
    { customParameters: { tenant: 'a' } },
    { forceAuthentication: true },
  ];
  for (const other of others) await get({ ...m2m, ...other });
  assert.equal(issuer.tokenRequests.length, 1 + others.length);

  const { accessToken: kept } = await get(m2m);
  await clock.advance(60 * 60_000 - 60_000);
  assert.notEqual((await get(m2m)).accessToken, kept);
  providers.known[0] = provider({ lastUpdatedAtMs: clock.now() });
  const before = issuer.tokenRequests.length;
  await get(m2m);
  assert.equal(issuer.tokenRequests.length, before + 1, 'settings that changed count at once');
});

test('an M2M token serves until its end while the provider is down, and one of no known end once', async () => {
  verifies('oauth:m2m-cached');
  await using fixture = await oauthFixture();
  const { get, clock, issuer } = fixture;
  const { accessToken } = await get(m2m);
  issuer.override = (_request, response) => void response.writeHead(500).end();
  await clock.advance(60 * 60_000 - 1_000);
  assert.equal((await get(m2m)).accessToken, accessToken);
  await clock.advance(1_000);
  await assert.rejects(get(m2m), exception('InternalServerException', /does not answer/));
  let count = 0;
  issuer.override = (request, response) => {
    if (request.method === 'POST') count += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ access_token: `token-${count}`, token_type: 'bearer' }));
  };
  assert.equal((await get(m2m)).accessToken, 'token-1');
  assert.equal((await get(m2m)).accessToken, 'token-2');
});

test('clients prove themselves by secret in header or body, or by a key of the key ring', async () => {
  verifies('oauth:client-authentication');
  await using fixture = await oauthFixture({ takesPushed: true });
  const { get, add, keyRing, issuer, grant, providers } = fixture;
  await get(m2m);
  await add({
    id: 'p-2',
    name: 'post',
    clientId: 'post-client',
    clientAuthentication: { kind: 'secret-post' },
  });
  await get({ ...m2m, resourceCredentialProviderName: 'post' });
  assert.equal(issuer.tokenRequests[1]?.['client_secret'], providers.secret);
  await add({
    id: 'p-3',
    name: 'key',
    clientId: 'key-client',
    callbackId: fixture.callbackIds.other,
    clientAuthentication: {
      kind: 'private-key-jwt',
      keyArn: keyRing.keyArn,
      algorithm: 'ES256',
      headerClaims: { kid: 'ring', alg: 'none' },
      payloadClaims: { tenant: 'a', sub: 'another-client' },
    },
  });
  await get({ ...m2m, resourceCredentialProviderName: 'key' });
  const [header = '', payload = ''] = String(issuer.tokenRequests[2]?.['client_assertion']).split('.');
  const read = (part: string) =>
    JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  assert.deepEqual(read(header), { kid: 'ring', alg: 'ES256', typ: 'JWT' });
  const { aud, sub, tenant, exp, iat } = read(payload);
  assert.deepEqual({ aud, sub, tenant }, { aud: issuer.name, sub: 'key-client', tenant: 'a' });
  assert.equal(Number(exp) - Number(iat), 60);
  await add({
    id: 'p-4',
    name: 'key-with-audience',
    clientId: 'key-client',
    clientAuthentication: {
      kind: 'private-key-jwt',
      keyArn: keyRing.keyArn,
      algorithm: 'ES256',
      headerClaims: {},
      payloadClaims: { aud: `${issuer.name}/token` },
    },
  });
  await get({ ...m2m, resourceCredentialProviderName: 'key-with-audience' });
  const [, named = ''] = String(issuer.tokenRequests[3]?.['client_assertion']).split('.');
  assert.equal(read(named)['aud'], `${issuer.name}/token`);
  // Pushed request, code and refresh with the key, each with an assertion of its own.
  assert.ok(await grant({ resourceCredentialProviderName: 'key' }));
});

test('a key that is gone is told as such, and no secret that cannot be had is taken for a refusal of the provider', async () => {
  verifies('oauth:client-authentication');
  await using fixture = await oauthFixture();
  const { get, ask, providers, provider, newBrowser, failures, unexpected } = fixture;
  const clientAuthentication = {
    kind: 'private-key-jwt',
    keyArn: 'arn:aws:kms:us-east-1:111122223333:key/gone',
    algorithm: 'ES256',
    headerClaims: {},
    payloadClaims: {},
  } as const;
  providers.known[0] = provider({ clientAuthentication });
  await assert.rejects(get(m2m), exception('ResourceNotFoundException', /no key arn:aws:kms/));
  providers.known[0] = provider();
  providers.secretOf = () => Promise.reject(new BerthError('unavailable', 'The vault does not answer.'));
  const { authorizationUrl, sessionUri } = await ask();
  assert.equal((await newBrowser().visit(authorizationUrl)).status, 500);
  assert.equal((await get({ sessionUri })).sessionStatus, 'IN_PROGRESS');
  assert.equal(unexpected.length, 1);
  assert.deepEqual(failures, []);
});

test('a rotated secret counts from the next request on', async () => {
  verifies('oauth:client-authentication');
  await using fixture = await oauthFixture();
  const { get, providers, grant, clock } = fixture;
  await grant();
  const { secret } = providers;
  providers.secret = 'a wrong one';
  await assert.rejects(get(m2m), exception('AccessDeniedException', /invalid_client/));
  providers.secret = secret;
  await get(m2m);
  await clock.advance(60 * 60_000);
  assert.ok((await get()).accessToken, 'old grants keep working');
});

test("a user's own token is exchanged, with or without the client as actor", async () => {
  verifies('oauth:exchange');
  await using fixture = await oauthFixture();
  const { get, claims, subjectTokens, issuer, providers, provider, clock } = fixture;
  const onBehalfOf = { grant: 'token-exchange', actorToken: 'none', actorTokenScopes: [] } as const;
  providers.known[0] = provider({ onBehalfOf });
  const own = userToken();
  await subjectTokens.keep(claims(), own);
  const wish = { ...exchange, audiences: ['b', 'a'], resources: ['urn:files'] };
  const { accessToken } = await get(wish);
  assert.equal(accessToken, `exchanged-${own.slice(-8)}-read`);
  const { subject_token, subject_token_type, audience, resource, actor_token } =
    issuer.tokenRequests[0] ?? {};
  assert.deepEqual(
    { subject_token, subject_token_type, audience, resource, actor_token },
    {
      subject_token: own,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: ['a', 'b'],
      resource: 'urn:files',
      actor_token: undefined,
    },
  );
  await get(wish);
  assert.equal(issuer.tokenRequests.length, 1, 'it is kept');

  providers.known[0] = provider({
    onBehalfOf: { ...onBehalfOf, actorToken: 'm2m', actorTokenScopes: ['write'] },
    lastUpdatedAtMs: clock.now() + 1,
  });
  await get(wish);
  const [, actor, exchanged] = issuer.tokenRequests;
  assert.deepEqual([actor?.['grant_type'], actor?.['scope']], ['client_credentials', 'write']);
  assert.match(String(exchanged?.['actor_token']), /^[\w-]{20,}$/);
  assert.equal(exchanged?.['actor_token_type'], 'urn:ietf:params:oauth:token-type:access_token');
});

test('the JWT grant sends the token as assertion, on behalf of the user', async () => {
  verifies('oauth:exchange-jwt-bearer');
  await using fixture = await oauthFixture();
  const { get, claims, subjectTokens, issuer, providers, provider } = fixture;
  providers.known[0] = provider({
    onBehalfOf: { grant: 'jwt-bearer', actorToken: 'none', actorTokenScopes: [] },
  });
  const own = userToken();
  await subjectTokens.keep(claims(), own);
  const answer = await get({ ...exchange, customParameters: { requested_token_use: 'on_behalf_of' } });
  assert.equal(answer.accessToken, `exchanged-${own.slice(-8)}-read`);
  const { assertion, requested_token_use, scope, subject_token } = issuer.tokenRequests[0] ?? {};
  assert.deepEqual(
    { assertion, requested_token_use, scope, subject_token },
    { assertion: own, requested_token_use: 'on_behalf_of', scope: 'read', subject_token: undefined },
  );
});

test('without a token of the user’s own, or a provider set up for it, nothing is exchanged', async () => {
  verifies('oauth:exchange', 'oauth:subject-token');
  await using fixture = await oauthFixture();
  const { get, claims, token, flows, subjectTokens, providers, provider, clock, database } = fixture;
  await assert.rejects(get(exchange), exception('ValidationException', /not set up for on-behalf-of/));
  providers.known[0] = provider({
    onBehalfOf: { grant: 'token-exchange', actorToken: 'none', actorTokenScopes: [] },
  });
  const denied = exception('AccessDeniedException', /not made from a token of the user's own/);
  await assert.rejects(get(exchange), denied);
  await subjectTokens.keep(claims({ user: { kind: 'named', userId: 'alice' } }), userToken());
  const session = { runtimeId: 'r-1', sessionId: 's-1', incarnation: 1 } as never;
  await subjectTokens.keep(claims({ session }), userToken());
  for (const other of [
    {},
    { user: { kind: 'named', userId: 'alice' } as const },
    { session: { ...(session as object), incarnation: 2 } as never },
    { session, workload: 'second-agent' },
    { session, user: undefined },
  ])
    await assert.rejects(get({ ...exchange, workloadIdentityToken: await token(other) }), denied);
  const workloadIdentityToken = await token({ session });
  assert.ok((await get({ ...exchange, workloadIdentityToken })).accessToken);

  await clock.advance(30 * 60_000);
  await assert.rejects(get({ ...exchange, workloadIdentityToken }), denied);
  await subjectTokens.keep(claims(), userToken(60, clock.now()));
  await clock.advance(60_000);
  await assert.rejects(get(exchange), denied, 'its own end comes first');
  await flows.sweep();
  assert.deepEqual(await database.selectFrom('subject_tokens').selectAll().execute(), []);
});

test('the same token of a session is kept again only when it has to last longer', async () => {
  verifies('oauth:subject-token');
  await using fixture = await oauthFixture();
  const { claims, subjectTokens, clock, parts } = fixture;
  let seals = 0;
  const { vault } = parts;
  const seal = vault.seal.bind(vault);
  vault.seal = (...sealed) => {
    seals += 1;
    return seal(...sealed);
  };
  const session = { runtimeId: 'r-1', sessionId: 's-1', incarnation: 1 } as never;
  const own = claims({ session });
  const [first, second] = [userToken(7_200), userToken(7_201)];
  for (const token of [first, first, second, second, first]) await subjectTokens.keep(own, token);
  assert.equal(seals, 3);
  assert.equal(await subjectTokens.userTokenOf(own), first, 'the newest counts');
  await clock.advance(14 * 60_000);
  await subjectTokens.keep(own, first);
  assert.equal(seals, 3);
  await clock.advance(2 * 60_000);
  await subjectTokens.keep(own, first);
  assert.equal(seals, 4);
  await clock.advance(29 * 60_000);
  assert.equal(await subjectTokens.userTokenOf(own), first);
  for (let count = 0; count < 2; count += 1) await subjectTokens.keep(claims(), first);
  assert.equal(seals, 6, 'without a session each counts');
});

test('a user’s own token goes on to the agent that is called for the user, until the same time', async () => {
  verifies('oauth:subject-token-chain');
  await using fixture = await oauthFixture();
  const { claims, subjectTokens, clock } = fixture;
  const inSession = (sessionId: string) =>
    claims({ session: { runtimeId: 'r-1', sessionId, incarnation: 1 } as never });
  const [front, back, third] = ['front', 'back', 'third'].map(inSession) as [Claims, Claims, Claims];
  await subjectTokens.passOn(front, back);
  assert.equal(await subjectTokens.userTokenOf(back), undefined);
  const own = userToken();
  await subjectTokens.keep(front, own);
  await subjectTokens.passOn(front, { ...back, user: { kind: 'named', userId: 'alice' } });
  assert.equal(await subjectTokens.userTokenOf(back), undefined);

  await clock.advance(20 * 60_000);
  await subjectTokens.passOn(front, back);
  await subjectTokens.passOn(back, third);
  await subjectTokens.passOn(third, front);
  for (const one of [front, back, third]) assert.equal(await subjectTokens.userTokenOf(one), own);
  await clock.advance(10 * 60_000);
  for (const one of [front, back, third]) assert.equal(await subjectTokens.userTokenOf(one), undefined);
  await subjectTokens.passOn(front, back);
  assert.equal(await subjectTokens.userTokenOf(back), undefined);
});
