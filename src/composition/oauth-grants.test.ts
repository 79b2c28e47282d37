import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { ResourceTokenRequest } from '../identity/oauth/resource-tokens.ts';
import { openOauthFlows } from './open-oauth-flows.ts';
import { exception, oauthFixture, scope } from './testing/oauth-fixture.ts';

const hourMs = 60 * 60_000;
const refresh = 'refresh_token';

test('a token is refreshed shortly before it expires, again and again, with the refresh token of the last time', async () => {
  verifies('oauth:refresh');
  await using fixture = await oauthFixture();
  const { grant, get, clock, issuer } = fixture;
  const first = await grant();
  await clock.advance(hourMs - 61_000);
  assert.equal((await get()).accessToken, first);
  await clock.advance(1_000);
  const second = (await get()).accessToken;
  assert.notEqual(second, first);
  assert.equal((await get()).accessToken, second);
  await clock.advance(hourMs);
  const third = (await get()).accessToken;
  assert.ok(third !== undefined && third !== second);
  assert.deepEqual(issuer.grants, ['authorization_code', refresh, refresh]);
  const used = issuer.tokenRequests.map((parameters) => parameters[refresh]);
  assert.notEqual(used[1], used[2], 'they rotate');
});

test('a refresh token that the provider does not rotate stays; resources are asked for again', async () => {
  verifies('oauth:refresh', 'oauth:resources');
  await using fixture = await oauthFixture();
  const { grant, get, clock, issuer } = fixture;
  const wish = { scopes: ['read'], resources: ['urn:files'] };
  await grant(wish);
  const bodies: string[] = [];
  issuer.override = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method === 'POST') bodies.push(body);
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ access_token: `token-${bodies.length}`, token_type: 'bearer', expires_in: 60 }),
      );
    });
  };
  await clock.advance(hourMs);
  assert.equal((await get(wish)).accessToken, 'token-1');
  await clock.advance(49_000);
  assert.equal((await get(wish)).accessToken, 'token-2', 'a short life ends a fifth early');
  assert.equal(bodies[0], bodies[1]);
  assert.match(bodies[0] ?? '', /^(?=.*grant_type=refresh_token)(?=.*resource=urn%3Afiles)/);
});

test('concurrent calls share one refresh, those of two servers, too', async () => {
  verifies('oauth:refresh-shared');
  await using fixture = await oauthFixture();
  const { grant, clock, issuer, parts, flows, token, withTime } = fixture;
  await grant();
  await clock.advance(hourMs);
  const successor = openOauthFlows(parts);
  const request: ResourceTokenRequest = {
    workloadToken: await token(),
    provider: 'docs',
    flow: 'USER_FEDERATION',
    scopes: ['openid', 'read'],
    resources: undefined,
    audiences: undefined,
    customParameters: {},
    sessionUri: undefined,
    returnUrl: undefined,
    customState: undefined,
    isForced: false,
  };
  const calls = [flows, successor, flows, successor, flows, successor];
  const answers = await withTime(
    Promise.all(
      calls.map(({ resourceTokens }) => resourceTokens.get({ kind: 'access-key', ...scope }, request)),
    ),
  );
  assert.equal(new Set(answers.map((answer) => answer.kind === 'token' && answer.accessToken)).size, 1);
  assert.equal(answers[0]?.kind, 'token');
  assert.deepEqual(issuer.grants, ['authorization_code', refresh]);
});

test('the lease of a server that died runs out', async () => {
  verifies('oauth:refresh-shared');
  await using fixture = await oauthFixture();
  const { grant, get, clock, database, withTime } = fixture;
  const first = await grant();
  await clock.advance(hourMs);
  const lease = { lease_holder: 'gone', lease_expires_at: clock.now() + 2_000 };
  await database.updateTable('oauth_grants').set(lease).execute();
  const before = clock.now();
  const { accessToken } = await withTime(get());
  assert.ok(accessToken !== undefined && accessToken !== first);
  assert.ok(clock.now() - before >= 2_000);
});

test('a lease outlives the slowest refresh: discovery, keys and the token request', async () => {
  verifies('oauth:refresh-shared');
  await using fixture = await oauthFixture();
  const { grant, get, clock, database, issuer } = fixture;
  await grant();
  await clock.advance(hourMs);
  const left: number[] = [];
  issuer.override = (_request, response) => {
    const query = database.selectFrom('oauth_grants').select('lease_expires_at').executeTakeFirstOrThrow();
    void query.then(({ lease_expires_at: endMs }) => {
      left.push(endMs - clock.now());
      response.writeHead(503).end();
    });
  };
  await assert.rejects(get(), exception('InternalServerException'));
  assert.ok(left.length > 0 && left.every((ms) => ms === 60_000), String(left));
});

test('when the provider takes a grant back, the user is asked again', async () => {
  verifies('oauth:refresh-refused');
  await using fixture = await oauthFixture();
  const { grant, get, clock, issuer, database } = fixture;
  await grant();
  await clock.advance(hourMs);
  issuer.override = (_request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'invalid_grant', error_description: 'revoked' }));
  };
  const asked = await get();
  assert.equal(asked.sessionStatus, 'IN_PROGRESS');
  assert.ok(asked.authorizationUrl);
  assert.deepEqual(await database.selectFrom('oauth_grants').selectAll().execute(), []);
});

test('while a provider is down, the token serves until it expires, and no longer', async () => {
  verifies('oauth:refresh-refused');
  await using fixture = await oauthFixture();
  const { grant, get, clock, issuer } = fixture;
  const first = await grant();
  issuer.override = (_request, response) => void response.writeHead(503).end();
  await clock.advance(hourMs - 30_000);
  assert.equal((await get()).accessToken, first);
  await clock.advance(30_000);
  await assert.rejects(get(), exception('InternalServerException', /does not answer/));
  issuer.override = undefined;
  assert.ok((await get()).accessToken, 'the grant is still there');
});

test('a token of no known end serves on, and one without a refresh token until its end', async () => {
  verifies('oauth:refresh');
  await using fixture = await oauthFixture();
  const { ask, get, complete, atCallback, clock, issuer } = fixture;
  for (const expiresIn of [undefined, 3_600]) {
    const { authorizationUrl, sessionUri } = await ask({ scopes: ['read'], forceAuthentication: true });
    const { browser, callback } = await atCallback(authorizationUrl);
    issuer.override = (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          access_token: `of ${expiresIn}`.replace(' ', '-'),
          token_type: 'bearer',
          expires_in: expiresIn,
        }),
      );
    };
    await browser.fetch(callback);
    issuer.override = undefined;
    await complete(sessionUri);
    await clock.advance(hourMs - 1_000);
    assert.equal((await get({ scopes: ['read'] })).accessToken, `of-${expiresIn}`);
    await clock.advance(1_000);
    const { accessToken } = await get({ scopes: ['read'] });
    assert.equal(accessToken, expiresIn === undefined ? 'of-undefined' : undefined);
  }
  assert.equal(issuer.grants.includes(refresh), false);
});

test('a token of no known end is refreshed after 30 minutes, also when its refresh token stays', async () => {
  verifies('oauth:refresh');
  await using fixture = await oauthFixture();
  const { ask, get, complete, atCallback, clock, issuer } = fixture;
  let given = 0;
  let isDown = false;
  const { authorizationUrl, sessionUri } = await ask({ scopes: ['read'] });
  const { browser, callback } = await atCallback(authorizationUrl);
  issuer.override = (request, response) => {
    if (request.method === 'POST') given += 1;
    if (isDown || request.method !== 'POST') return void response.writeHead(503).end();
    const answer = { access_token: `token-${given}`, token_type: 'bearer' };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(given === 1 ? { ...answer, refresh_token: 'kept' } : answer));
  };
  const token = async () => (await get({ scopes: ['read'] })).accessToken;
  const halfHourMs = 30 * 60_000;
  await browser.fetch(callback);
  await complete(sessionUri);
  await clock.advance(halfHourMs - 1_000);
  assert.equal(await token(), 'token-1');
  await clock.advance(1_000);
  assert.equal(await token(), 'token-2');
  await clock.advance(halfHourMs);
  assert.equal(await token(), 'token-3');

  // While the provider is down the token serves on, and not every call asks.
  isDown = true;
  await clock.advance(halfHourMs);
  assert.equal(await token(), 'token-3');
  const asked = given;
  assert.equal(await token(), 'token-3');
  assert.equal(given, asked);
  isDown = false;
  await clock.advance(60_000);
  assert.equal(await token(), `token-${asked + 1}`);
});

test('a consent whose row was changed becomes nobody’s grant', async () => {
  verifies('oauth:own-grants', 'oauth:bound-consent');
  for (const change of [
    { workload: 'second-agent' },
    { user_digest: 'of-bob' },
    { grant_id: 'another' },
    { link_digest: 'another' },
  ]) {
    await using fixture = await oauthFixture();
    const { ask, get, complete, token, newBrowser, database } = fixture;
    const { authorizationUrl, sessionUri } = await ask();
    await newBrowser().agree(authorizationUrl);
    await database.updateTable('oauth_consents').set(change).execute();
    await assert.rejects(complete(sessionUri), JSON.stringify(change));
    for (const workload of ['agent', 'second-agent']) {
      const { accessToken } = await get({ workloadIdentityToken: await token({ workload }) });
      assert.equal(accessToken, undefined, JSON.stringify(change));
    }
  }
});

test('what is kept of users is sealed, and names neither sessions nor browsers', async () => {
  verifies('oauth:no-leak');
  await using fixture = await oauthFixture();
  const { grant, ask, atCallback, complete, newBrowser, database, subjectTokens, claims, issuer, providers } =
    fixture;
  const accessToken = await grant();
  const bound = await ask({ forceAuthentication: true, customState: 'a-custom-state' });
  await newBrowser().agree(bound.authorizationUrl);
  await complete(bound.sessionUri);
  const answered = await ask({ scopes: ['write'] });
  await newBrowser().agree(answered.authorizationUrl);
  const onWay = await ask({ forceAuthentication: true });
  const { browser, callback } = await atCallback(onWay.authorizationUrl);
  const userToken = `${Buffer.from('{}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.c2ln`;
  await subjectTokens.keep(claims(), userToken);
  const rows = [
    await database.selectFrom('oauth_grants').selectAll().execute(),
    await database.selectFrom('oauth_consents').selectAll().execute(),
    await database.selectFrom('subject_tokens').selectAll().execute(),
  ];
  assert.deepEqual(
    rows.map((table) => table.length),
    [1, 4, 1],
  );
  const kept = JSON.stringify(rows);
  const { searchParams } = new URL(callback);
  const secrets = [
    ...[accessToken, userToken, providers.secret, 'a-custom-state', 'alice'],
    ...[bound, answered, onWay].map(({ sessionUri }) => sessionUri.slice(-43)),
    ...[searchParams.get('state'), searchParams.get('code')],
    ...[...browser.cookies.values()].map(({ value }) => value),
    ...issuer.tokenRequests.flatMap((sent) => [sent['code'], sent['code_verifier'], sent['client_secret']]),
  ].filter((secret) => typeof secret === 'string');
  assert.ok(secrets.length > 12);
  for (const secret of secrets) assert.equal(kept.includes(secret), false, secret);
});
