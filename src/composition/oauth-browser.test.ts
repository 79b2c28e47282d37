import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { openProviderGrants } from './open-oauth-flows.ts';
import { exception, oauthFixture, scope } from './testing/oauth-fixture.ts';

test('a callback link opened in another browser gives nothing, and login CSRF fails', async () => {
  verifies('oauth:other-browser', 'oauth:attacks', 'authz:audit-doors');
  await using fixture = await oauthFixture();
  const { ask, get, newBrowser, atCallback, issuer } = fixture;
  const { authorizationUrl, sessionUri } = await ask();
  const { browser, callback } = await atCallback(authorizationUrl, 'mallory');

  const victim = newBrowser();
  assert.equal((await victim.visit(callback)).status, 403);
  // One that has begun something of its own.
  await victim.fetch((await ask()).authorizationUrl);
  const page = await victim.visit(callback);
  assert.equal(page.status, 403);
  assert.match(page.body, /another browser/);
  assert.deepEqual(issuer.tokenRequests, [], 'the code was not used');
  const told =
    /^unproven undefined berth:GrantConsent \S*\/identities\/oauth2\/callback\/[^?\s]+ \(a consent that another/;
  for (const line of fixture.audit.lines) assert.match(line, told);
  assert.equal(fixture.audit.lines.length, 2);
  assert.equal((await get({ sessionUri })).sessionStatus, 'IN_PROGRESS');

  const arrived = await browser.fetch(callback);
  assert.match(arrived.headers.get('location') ?? '', /^https:\/\/app\.example\/back\?tab=1&session_id=/);
});

test('a link that was sent to somebody else does not tell the session that they come back with', async () => {
  verifies('oauth:link-is-no-session');
  await using fixture = await oauthFixture();
  const { ask, get, complete, newBrowser, database } = fixture;
  const { authorizationUrl, sessionUri } = await ask();
  const linkUri = new URL(authorizationUrl).searchParams.get('request_uri') ?? '';
  const returned = new URL((await newBrowser().agree(authorizationUrl, 'victim')).url);
  assert.equal(returned.searchParams.get('session_id'), sessionUri);
  assert.equal(returned.href.includes(linkUri.slice(-43)), false);

  // The one who sent the link is logged in with the application, and opens its return URL with all that is known to them.
  await assert.rejects(complete(linkUri), exception('AccessDeniedException', /expired session/));
  await assert.rejects(get({ sessionUri: linkUri }), exception('AccessDeniedException', /expired session/));
  // Nor is the session a link.
  const page = await newBrowser().visit(authorizationUrl.replace(linkUri.slice(-43), sessionUri.slice(-43)));
  assert.equal(page.status, 400);
  assert.match(page.body, /no longer valid/);
  const kept = JSON.stringify(await database.selectFrom('oauth_consents').selectAll().execute());
  assert.equal(kept.includes(linkUri.slice(-43)), false);

  // The application of the return URL finds the victim in front of it.
  await assert.rejects(
    complete(sessionUri, 'bob.own.token'),
    exception('AccessDeniedException', /another user/),
  );
  assert.equal((await get({ sessionUri })).sessionStatus, 'FAILED');
});

test('the cookie is bound to the session, for the callback only, and gone when it has served', async () => {
  verifies('oauth:other-browser');
  await using plain = await oauthFixture();
  const { ask, newBrowser, atCallback } = plain;
  const sent = await newBrowser().fetch((await ask()).authorizationUrl);
  assert.match(
    sent.headers.get('set-cookie') ?? '',
    /^berth-consent-\w{16}=\w{43}; Path=\/identities\/oauth2\/callback\/; Max-Age=600; HttpOnly; SameSite=Lax$/,
  );
  const { browser, callback } = await atCallback((await ask()).authorizationUrl);
  const arrived = await browser.fetch(callback);
  assert.match(arrived.headers.get('set-cookie') ?? '', /^berth-consent-\w{16}=; .*Max-Age=0/);

  await using secure = await oauthFixture({ publicOrigin: 'https://agents.example' });
  const { authorizationUrl } = await secure.ask();
  const answer = await newBrowser().fetch(authorizationUrl.replace('https://agents.example', secure.url));
  assert.match(
    answer.headers.get('set-cookie') ?? '',
    /^__Secure-berth-consent-\w{16}=.*; HttpOnly; SameSite=Lax; Secure$/,
  );
});

test('a replayed callback is refused, also when both come at once', async () => {
  verifies('oauth:attacks');
  await using fixture = await oauthFixture();
  const { ask, get, complete, atCallback, issuer } = fixture;
  const { authorizationUrl, sessionUri } = await ask();
  const { browser, callback } = await atCallback(authorizationUrl);
  const { cookies } = browser;
  const kept = new Map(cookies);
  const answers = await Promise.all([browser.fetch(callback), browser.fetch(callback)]);
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([302, 400]));
  for (const [name, cookie] of kept) cookies.set(name, cookie);
  const page = await browser.visit(callback);
  assert.equal(page.status, 400);
  assert.match(page.body, /no longer valid/);
  assert.equal(issuer.tokenRequests.length, 1);
  await complete(sessionUri);
  assert.ok((await get({ sessionUri })).accessToken);
  assert.equal((await browser.visit(authorizationUrl)).status, 400, 'nor does the link serve again');
});

test("an attacker's code in the user's callback is not taken", async () => {
  verifies('oauth:attacks');
  await using fixture = await oauthFixture();
  const { ask, get, complete, atCallback, issuer } = fixture;
  const own = await atCallback((await ask()).authorizationUrl, 'mallory');
  const { authorizationUrl, sessionUri } = await ask();
  const { browser, callback } = await atCallback(authorizationUrl);
  const forged = new URL(callback);
  forged.searchParams.set('code', new URL(own.callback).searchParams.get('code') ?? '');
  const arrived = await browser.fetch(forged.href);
  assert.match(arrived.headers.get('location') ?? '', /error=server_error/);
  assert.equal(issuer.tokenRequests.length, 1);
  assert.equal((await get({ sessionUri })).sessionStatus, 'FAILED');
  await assert.rejects(complete(sessionUri), exception('AccessDeniedException'));
});

test('an answer of another issuer, of none, or at the callback of another provider is not taken', async () => {
  verifies('oauth:attacks');
  await using fixture = await oauthFixture();
  const { ask, get, add, atCallback, callbackIds, issuer } = fixture;
  await add({ id: 'provider-2', name: 'other', callbackId: callbackIds.other });
  const changes: ((url: URL) => void)[] = [
    (url) => url.searchParams.set('iss', 'https://evil.example'),
    (url) => url.searchParams.delete('iss'),
    (url) => url.searchParams.append('code', 'second'),
    (url) => (url.pathname = url.pathname.replace(callbackIds.docs, callbackIds.other)),
    (url) => (url.pathname = url.pathname.replace(callbackIds.docs, 'unknown')),
  ];
  for (const change of changes) {
    const { authorizationUrl, sessionUri } = await ask();
    const { browser, callback } = await atCallback(authorizationUrl);
    const forged = new URL(callback);
    change(forged);
    const arrived = await browser.fetch(forged.href);
    assert.match(arrived.headers.get('location') ?? '', /error=server_error/, String(change));
    assert.equal((await get({ sessionUri })).sessionStatus, 'FAILED', String(change));
  }
  assert.deepEqual(issuer.tokenRequests, []);
});

test('an ID token of another nonce is not taken', async () => {
  verifies('oauth:attacks');
  await using fixture = await oauthFixture();
  const { ask, get, atCallback, issuer, provider } = fixture;
  const { authorizationUrl, sessionUri } = await ask();
  const { browser, callback } = await atCallback(authorizationUrl);
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const nowS = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer.name,
    aud: provider().clientId,
    sub: 'x',
    iat: nowS,
    exp: nowS + 60,
    nonce: 'another',
  };
  issuer.override = (_request, response) => {
    const idToken = `${encoded({ alg: 'RS256' })}.${encoded(claims)}.c2lnbmF0dXJl`;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ access_token: 'stolen', token_type: 'bearer', id_token: idToken }));
  };
  const arrived = await browser.fetch(callback);
  assert.match(arrived.headers.get('location') ?? '', /error=server_error/);
  assert.equal((await get({ sessionUri })).sessionStatus, 'FAILED');
});

test('links that are incomplete, unknown or twofold show a page and nothing else', async () => {
  verifies('oauth:attacks', 'oauth:pages');
  await using fixture = await oauthFixture();
  const { publicUrl, newBrowser, callbackIds, atCallback, ask } = fixture;
  const { callback } = await atCallback((await ask()).authorizationUrl);
  const state = new URL(callback).searchParams.get('state') ?? '';
  const paths = [
    ...['authorize', 'authorize?request_uri=', 'authorize?request_uri=urn:ietf:params:oauth:request_uri:no'],
    ...['', '?state=', '?code=a', '?code=a&state=unknown', `?code=a&state=${state}&state=${state}`].map(
      (query) => `callback/${callbackIds.docs}${query}`,
    ),
    'callback/%00?state=<script>alert(1)</script>',
  ];
  for (const path of paths) {
    const page = await newBrowser().visit(`${publicUrl}/identities/oauth2/${path}`);
    assert.equal(page.status, 400, path);
    assert.match(page.body, /no longer valid/, path);
    assert.doesNotMatch(page.body, /alert/, path);
  }
  const head = await fetch((await ask()).authorizationUrl, { method: 'HEAD' });
  assert.equal(head.headers.get('set-cookie'), null);
});

test('a return URL that is taken off the list gets no browser any more, on the way there and back', async () => {
  verifies('oauth:return-url');
  await using fixture = await oauthFixture();
  const { ask, get, atCallback, newBrowser, identities, issuer, clock } = fixture;
  const asked = await ask();
  const { browser, callback } = await atCallback((await ask()).authorizationUrl);
  const sent = await ask();
  const exchanges = issuer.tokenRequests.length;
  await identities.setReturnUrls(scope, 'agent', ['https://app.example/safe'], clock.now());
  for (const page of [await browser.visit(callback), await newBrowser().visit(asked.authorizationUrl)]) {
    assert.equal(page.status, 400);
    assert.match(page.body, /no longer valid/);
  }
  assert.equal(issuer.tokenRequests.length, exchanges, 'no code is exchanged for nobody');
  assert.equal((await get({ sessionUri: asked.sessionUri })).sessionStatus, 'FAILED');
  assert.equal((await get({ sessionUri: sent.sessionUri })).sessionStatus, 'IN_PROGRESS');
});

test('a program that follows the link for a preview does not take it from the user', async () => {
  verifies('oauth:link-preview');
  await using fixture = await oauthFixture();
  const { ask, get, complete, newBrowser, atCallback } = fixture;
  const { authorizationUrl, sessionUri } = await ask();
  await newBrowser().visit(authorizationUrl);
  const before = await atCallback(authorizationUrl);
  await newBrowser().agree(authorizationUrl);
  assert.equal((await before.browser.visit(before.callback)).status, 400, 'the last browser counts');
  await complete(sessionUri);
  assert.ok((await get({ sessionUri })).accessToken);
});

test('a provider deleted on the way ends it, and one made anew under its name has none of its grants', async () => {
  verifies('oauth:deleted-provider');
  await using fixture = await oauthFixture();
  const { ask, get, grant, complete, atCallback, newBrowser, providers, vault, add, provider, database } =
    fixture;
  await grant();
  const fresh = await ask({ forceAuthentication: true });
  const onWay = await ask({ forceAuthentication: true });
  const { browser, callback } = await atCallback(onWay.authorizationUrl);
  const answered = await ask({ forceAuthentication: true });
  await newBrowser().agree(answered.authorizationUrl);

  providers.known.pop();
  await vault.destroyKey(provider().id);
  await assert.rejects(get(), exception('ResourceNotFoundException'));
  assert.equal((await newBrowser().visit(fresh.authorizationUrl)).status, 400);
  assert.equal((await browser.visit(callback)).status, 400);
  await assert.rejects(complete(answered.sessionUri), exception('AccessDeniedException', /expired session/));

  await add({ id: 'provider-2', callbackId: '6a3e0a52-6d4e-4a55-8b4d-c1b6b1a9f001' });
  assert.equal((await get()).sessionStatus, 'IN_PROGRESS');
  await assert.rejects(get({ sessionUri: answered.sessionUri }), exception('AccessDeniedException'));
  await openProviderGrants(database).revokeAllOf(provider().id);
  assert.deepEqual(await database.selectFrom('oauth_grants').selectAll().execute(), []);
  assert.equal((await database.selectFrom('oauth_consents').selectAll().execute()).length, 1);
});

test('pages say what is up, without script, cache, frame or anything of the request', async () => {
  verifies('oauth:pages');
  await using fixture = await oauthFixture({ takesPushed: true });
  const { ask, newBrowser, issuer } = fixture;
  const { authorizationUrl } = await ask();
  const unknown = await newBrowser().visit(`${authorizationUrl}<script>alert(1)</script>`);
  const sent = await newBrowser().fetch(authorizationUrl);
  issuer.override = (_request, response) => void response.writeHead(503).end('<script>alert(1)</script>');
  const { authorizationUrl: down } = await ask();
  const broken = await newBrowser().visit(
    down.replace('request_uri', 'x=<script>alert(1)</script>&request_uri'),
  );
  assert.equal(sent.status, 302);
  const pages = [unknown, broken, { headers: sent.headers, body: await sent.text() }];
  for (const { headers, body } of pages) {
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; /);
    for (const directive of ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"])
      assert.ok(policy.includes(directive), directive);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('x-frame-options'), 'DENY');
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
    assert.match(body, /^<!doctype html>\n<html lang="en">/);
    assert.match(body, /<main>\n<h1>[^<]+<\/h1>/);
    assert.doesNotMatch(body, /<script|alert/);
  }
});
