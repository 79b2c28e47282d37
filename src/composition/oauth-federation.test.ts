import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompleteResourceTokenAuthCommand } from '@aws-sdk/client-bedrock-agentcore';
import type { ResourceTokenRequest } from '../identity/oauth/resource-tokens.ts';
import { testRole } from '../auth/role/testing/roles.ts';
import { verifies } from '../../test/requirements.ts';
import { standardDialect, vendors } from '../identity/providers/vendors.ts';
import { bob, exception, oauthFixture, returnUrl, scope, type Wish } from './testing/oauth-fixture.ts';

test('a user grants access: link, provider, return URL, binding, token', async () => {
  verifies('oauth:federation', 'oauth:poll');
  await using fixture = await oauthFixture();
  const { get, complete, newBrowser, publicUrl } = fixture;

  const asked = await get({ resourceOauth2ReturnUrl: returnUrl, customState: 'a state & more' });
  const { sessionUri = '', authorizationUrl = '' } = asked;
  assert.match(sessionUri, /^urn:ietf:params:oauth:request_uri:[\w-]{43}$/);
  assert.equal(asked.sessionStatus, 'IN_PROGRESS');
  const link = new URL(authorizationUrl);
  assert.equal(`${link.origin}${link.pathname}`, `${publicUrl}/identities/oauth2/authorize`);
  assert.match(link.searchParams.get('request_uri') ?? '', /^urn:ietf:params:oauth:request_uri:[\w-]{43}$/);
  assert.equal(
    (await get({ sessionUri })).authorizationUrl,
    authorizationUrl,
    'a poll answers the link again',
  );

  const arrived = new URL((await newBrowser().agree(authorizationUrl)).url);
  assert.equal(`${arrived.origin}${arrived.pathname}`, 'https://app.example/back');
  assert.deepEqual(Object.fromEntries(arrived.searchParams), {
    tab: '1',
    session_id: sessionUri,
    state: 'a state & more',
  });
  assert.equal((await get({ sessionUri })).sessionStatus, 'IN_PROGRESS', 'it is nobody’s yet');

  await complete(sessionUri);
  const polled = await get({ sessionUri });
  assert.match(polled.accessToken ?? '', /^[\w-]{20,}$/);
  assert.deepEqual(polled, { accessToken: polled.accessToken });
  assert.deepEqual(await get(), polled, 'later calls need no session');
  await complete(sessionUri);
});

test('requests carry PKCE, state and nonce; the code is exchanged with the verifier', async () => {
  verifies('oauth:authorization-request');
  await using fixture = await oauthFixture();
  const { ask, newBrowser, issuer } = fixture;
  const { authorizationUrl } = await ask();
  const sent = await newBrowser().fetch(authorizationUrl);
  const parameters = new URL(sent.headers.get('location') ?? '').searchParams;
  assert.equal(parameters.get('code_challenge_method'), 'S256');
  for (const name of ['code_challenge', 'state', 'nonce'])
    assert.match(parameters.get(name) ?? '', /^[\w-]{43}$/, name);
  await newBrowser().agree(authorizationUrl);
  const [exchange] = issuer.tokenRequests;
  assert.equal(exchange?.['grant_type'], 'authorization_code');
  assert.match(String(exchange?.['code_verifier']), /^[\w-]{43}$/);

  const { authorizationUrl: plain } = await ask({ scopes: ['read'] });
  const location = (await newBrowser().fetch(plain)).headers.get('location') ?? '';
  assert.equal(new URL(location).searchParams.has('nonce'), false);
});

test('a provider that takes pushed requests gets them so, and the browser carries a reference only', async () => {
  verifies('oauth:authorization-request');
  await using fixture = await oauthFixture({ takesPushed: true });
  const { ask, newBrowser, issuer, complete, get } = fixture;
  const { authorizationUrl, sessionUri } = await ask();
  const browser = newBrowser();
  const sent = await browser.fetch(authorizationUrl);
  const { searchParams } = new URL(sent.headers.get('location') ?? '');
  assert.deepEqual([...searchParams.keys()].sort(), ['client_id', 'request_uri']);
  assert.match(String(issuer.pushed[0]?.['code_challenge']), /^[\w-]{43}$/);
  await newBrowser().agree(authorizationUrl);
  await complete(sessionUri);
  assert.ok((await get({ sessionUri })).accessToken);
});

test('a session whose time is over, or whose user declined, has failed', async () => {
  verifies('oauth:poll');
  await using fixture = await oauthFixture();
  const { ask, get, newBrowser, clock, complete, atCallback } = fixture;
  const declined = await ask({ customState: 'mine' });
  const { browser, callback } = await atCallback(declined.authorizationUrl);
  const url = new URL(callback);
  url.searchParams.delete('code');
  url.searchParams.set('error', 'access_denied');
  url.searchParams.set('error_description', '<script>alert(1)</script>');
  const back = new URL((await browser.fetch(url.href)).headers.get('location') ?? '');
  assert.deepEqual(Object.fromEntries(back.searchParams), {
    tab: '1',
    session_id: declined.sessionUri,
    state: 'mine',
    error: 'access_denied',
  });
  const failed = { sessionUri: declined.sessionUri, sessionStatus: 'FAILED' };
  assert.deepEqual(await get({ sessionUri: declined.sessionUri }), failed);
  await assert.rejects(complete(declined.sessionUri), exception('AccessDeniedException', /expired session/));

  const late = await ask();
  await clock.advance(10 * 60_000);
  assert.equal((await get({ sessionUri: late.sessionUri })).sessionStatus, 'FAILED');
  await assert.rejects(complete(late.sessionUri), exception('AccessDeniedException', /expired session/));
  const page = await newBrowser().visit(late.authorizationUrl);
  assert.equal(page.status, 400);
  assert.match(page.body, /no longer valid/);
});

test('a session that ended is forgotten an hour later', async () => {
  verifies('oauth:poll');
  await using fixture = await oauthFixture();
  const { ask, get, clock, flows } = fixture;
  const { sessionUri } = await ask();
  await clock.advance(69 * 60_000);
  await flows.sweep();
  assert.equal((await get({ sessionUri })).sessionStatus, 'FAILED');
  await clock.advance(2 * 60_000);
  await flows.sweep();
  await assert.rejects(get({ sessionUri }), exception('AccessDeniedException', /expired session/));
});

test('only the user who was asked completes the session; anybody else’s attempt destroys it', async () => {
  verifies('oauth:user-binding', 'oauth:errors');
  await using fixture = await oauthFixture();
  const { ask, get, newBrowser, complete, client, database } = fixture;
  const { authorizationUrl, sessionUri } = await ask();
  await assert.rejects(complete(sessionUri), exception('ValidationException', /not granted anything/));
  await newBrowser().agree(authorizationUrl);
  await assert.rejects(complete(sessionUri, 'no.such.token'), exception('UnauthorizedException'));
  await assert.rejects(
    complete(sessionUri, 'bob.own.token'),
    exception('AccessDeniedException', /another user/),
  );
  await assert.rejects(complete(sessionUri), exception('AccessDeniedException', /expired session/));
  assert.equal((await get({ sessionUri })).sessionStatus, 'FAILED');
  const [row] = await database.selectFrom('oauth_consents').select('sealed_tokens').execute();
  assert.equal(row?.sealed_tokens, null);

  // Named like alice, and not the one whom a token proves.
  const second = await ask();
  await newBrowser().agree(second.authorizationUrl);
  const named = { sessionUri: second.sessionUri, userIdentifier: { userId: 'alice' } };
  await assert.rejects(
    client.send(new CompleteResourceTokenAuthCommand(named)),
    exception('AccessDeniedException', /another user/),
  );
});

test('a user whom the application names by an id completes by that id', async () => {
  verifies('oauth:federation');
  await using fixture = await oauthFixture();
  const { ask, get, token, newBrowser, client } = fixture;
  const wish = { workloadIdentityToken: await token({ user: { kind: 'named', userId: 'u-1' } }) };
  const { authorizationUrl, sessionUri } = await ask(wish);
  await newBrowser().agree(authorizationUrl);
  await client.send(new CompleteResourceTokenAuthCommand({ sessionUri, userIdentifier: { userId: 'u-1' } }));
  assert.ok((await get({ ...wish, sessionUri })).accessToken);
});

test('nobody else has anything of a grant', async () => {
  verifies('oauth:own-grants');
  await using fixture = await oauthFixture();
  const { ask, get, token, grant, identities } = fixture;
  await grant();
  const { sessionUri } = await ask({ forceAuthentication: true });
  const others = [
    { workloadIdentityToken: await token({ user: bob }) },
    { workloadIdentityToken: await token({ user: { kind: 'named', userId: 'alice' } }) },
    { workloadIdentityToken: await token({ workload: 'second-agent' }) },
    { scopes: ['openid', 'read', 'write'] },
    { resources: ['urn:elsewhere'] },
    { audiences: ['elsewhere'] },
  ];
  for (const wish of others) {
    assert.equal((await get(wish)).sessionStatus, 'IN_PROGRESS', JSON.stringify(wish));
    await assert.rejects(get({ ...wish, sessionUri }), exception('AccessDeniedException', /expired session/));
  }
  assert.ok((await get({ scopes: ['read', 'openid', 'read'] })).accessToken, 'order means nothing');

  const identity = await identities.find(scope, 'agent');
  assert.ok(identity);
  await identities.remove(identity, 'agent', 'arn:agent');
  await identities.insert(identity, { arn: 'arn:agent', tags: {} }, 10);
  assert.equal((await get()).accessToken, undefined, 'an identity made anew under the name');
});

test('an agent in its sandbox may show tokens of its own workload only', async () => {
  verifies('oauth:own-grants');
  await using fixture = await oauthFixture();
  const { flows, token } = fixture;
  const request: ResourceTokenRequest = {
    workloadToken: await token(),
    provider: 'docs',
    flow: 'M2M',
    scopes: ['read'],
    resources: undefined,
    audiences: undefined,
    customParameters: {},
    sessionUri: undefined,
    returnUrl: undefined,
    customState: undefined,
    isForced: false,
  };
  const as = (workload: string) => flows.resourceTokens.get({ ...testRole(), ...scope, workload }, request);
  fixture.providers.refused.add('agent');
  verifies('provider:workloads');
  await assert.rejects(flows.resourceTokens.get({ kind: 'access-key', ...scope }, request), {
    code: 'access-denied',
    message: /kept to others/,
  });
  fixture.providers.refused.clear();
  await assert.rejects(as('second-agent'), { code: 'access-denied', message: /another workload identity/ });
});

test('a return URL that is not on the list, to the last character, is refused', async () => {
  verifies('oauth:return-url');
  await using fixture = await oauthFixture();
  const { get, identities, claims } = fixture;
  const dangerous = ['javascript:alert(1)', 'data:text/html,hello', 'file:///etc/passwd'];
  await identities.setReturnUrls(
    claims(),
    'agent',
    [returnUrl, ...dangerous, 'myapp:back', 'not-a:\\url'],
    0,
  );
  const refused = [
    ...[
      `${returnUrl}2`,
      `${returnUrl}#x`,
      `${returnUrl}&a=b`,
      'https://app.example/back',
      'https://app.example/',
    ],
    ...[
      'https://APP.example/back?tab=1',
      'http://app.example/back?tab=1',
      'https://app.example/back/../back?tab=1',
    ],
    ...['https://evil.example/?https://app.example/back?tab=1', ...dangerous],
  ];
  for (const url of refused)
    await assert.rejects(
      get({ resourceOauth2ReturnUrl: url }),
      exception('ValidationException', /not one of workload identity agent/),
      url,
    );
  assert.ok((await get({ resourceOauth2ReturnUrl: returnUrl })).sessionUri);
  assert.ok((await get({ resourceOauth2ReturnUrl: 'myapp:back' })).sessionUri, 'an app of a telephone');
});

test('a request without a return URL uses the first of the workload identity, which must have one', async () => {
  verifies('oauth:no-return-url');
  await using fixture = await oauthFixture();
  const { get, newBrowser, identities, clock, database } = fixture;
  await identities.setReturnUrls(scope, 'agent', [returnUrl, 'https://app.example/other'], clock.now());
  const { authorizationUrl = '', sessionUri = '' } = await get({ customState: 'mine' });
  const arrived = new URL((await newBrowser().agree(authorizationUrl)).url);
  assert.equal(`${arrived.origin}${arrived.pathname}`, 'https://app.example/back');
  assert.equal(arrived.searchParams.get('session_id'), sessionUri);
  assert.equal(arrived.searchParams.get('state'), 'mine');

  await identities.setReturnUrls(scope, 'agent', [], clock.now());
  await database.deleteFrom('oauth_consents').execute();
  await assert.rejects(get(), exception('ValidationException', /has no return URL/));
  assert.deepEqual(await database.selectFrom('oauth_consents').selectAll().execute(), []);
});

test('forced authentication asks the user anew, at Berth and at the provider', async () => {
  verifies('oauth:forced');
  await using fixture = await oauthFixture();
  const { get, ask, complete, newBrowser } = fixture;
  const browser = newBrowser();
  const first = await ask();
  await browser.agree(first.authorizationUrl);
  await complete(first.sessionUri);
  const { accessToken: old } = await get();
  const usual = await browser.visit((await ask({ scopes: ['openid', 'read', 'write'] })).authorizationUrl);
  assert.doesNotMatch(usual.body, /name="login"/, 'the provider remembers the user');

  const forced = await ask({ forceAuthentication: true });
  assert.match((await browser.visit(forced.authorizationUrl)).body, /name="login"/);
  assert.equal((await get({ sessionUri: forced.sessionUri })).sessionStatus, 'IN_PROGRESS');
  assert.equal((await get()).accessToken, old, 'the old grant is good meanwhile');
  await browser.agree(forced.authorizationUrl);
  await complete(forced.sessionUri);
  const { accessToken: renewed } = await get({ sessionUri: forced.sessionUri });
  assert.ok(renewed !== undefined && renewed !== old);
});

test('custom parameters come along and change nothing of the request’s own', async () => {
  verifies('oauth:custom-parameters');
  await using fixture = await oauthFixture();
  const { get, ask, newBrowser } = fixture;
  const same = { prompt: 'consent', ui_locales: 'de', scope: 'openid read', response_type: 'code' };
  const { authorizationUrl } = await ask({ customParameters: same });
  const { searchParams } = new URL(
    (await newBrowser().fetch(authorizationUrl)).headers.get('location') ?? '',
  );
  assert.equal(searchParams.get('prompt'), 'consent');
  assert.equal(searchParams.get('ui_locales'), 'de');
  assert.deepEqual(searchParams.getAll('scope'), ['openid read']);
  const own = [
    ...['client_id', 'redirect_uri', 'response_type', 'response_mode', 'state', 'nonce', 'scope', 'SCOPE'],
    ...['code_challenge', 'code_challenge_method', 'request', 'request_uri', 'AUDIENCE', 'grant_type'],
    ...[
      'client_secret',
      'client_assertion',
      'code',
      'code_verifier',
      'subject_token',
      'assertion',
      'refresh_token',
    ],
  ];
  for (const oauth2Flow of ['USER_FEDERATION', 'M2M'] as const)
    for (const name of own)
      await assert.rejects(
        get({ oauth2Flow, customParameters: { [name]: 'forged' } }),
        exception('ValidationException', /cannot be set/),
        name,
      );
});

test('resources go with the authorization and the token requests, audiences with the authorization', async () => {
  verifies('oauth:resources');
  await using fixture = await oauthFixture();
  const { ask, get, complete, newBrowser, issuer } = fixture;
  const wish = { scopes: ['read'], resources: ['urn:files'], audiences: ['two', 'one'] };
  const { authorizationUrl, sessionUri } = await ask(wish);
  const { searchParams } = new URL(
    (await newBrowser().fetch(authorizationUrl)).headers.get('location') ?? '',
  );
  assert.deepEqual(searchParams.getAll('resource'), ['urn:files']);
  assert.deepEqual(searchParams.getAll('audience'), ['one', 'two']);
  await newBrowser().agree(authorizationUrl);
  assert.equal(issuer.tokenRequests[0]?.['resource'], 'urn:files');
  await complete(sessionUri);
  const { accessToken = '' } = await get({ ...wish, sessionUri });
  const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as object;
  assert.deepEqual('aud' in claims && claims.aud, 'urn:files');
});

test('audience and resource as custom parameters are wishes, and tell grants apart', async () => {
  verifies('oauth:custom-parameters', 'oauth:own-grants');
  await using fixture = await oauthFixture();
  const { ask, get, grant, newBrowser, issuer, providers, provider } = fixture;
  const api = { customParameters: { audience: 'https://api.example' } };
  const { authorizationUrl } = await ask(api);
  const sent = (await newBrowser().fetch(authorizationUrl)).headers.get('location') ?? '';
  assert.deepEqual(new URL(sent).searchParams.getAll('audience'), ['https://api.example']);
  const accessToken = await grant(api);
  assert.equal((await get({ audiences: ['https://api.example'] })).accessToken, accessToken);
  assert.equal((await get()).accessToken, undefined);
  assert.equal(
    (await get({ customParameters: { audience: 'https://other.example' } })).accessToken,
    undefined,
  );

  const m2m: Wish = { oauth2Flow: 'M2M', scopes: ['read'] };
  const files = await get({ ...m2m, customParameters: { audience: 'files', resource: 'urn:files' } });
  assert.equal(issuer.tokenRequests.at(-1)?.['resource'], 'urn:files');
  assert.deepEqual(await get({ ...m2m, audiences: ['files'], resources: ['urn:files'] }), files);
  await get({ ...m2m, ...api, audiences: ['https://api.example'] });
  const contradictions: readonly (readonly [string, Wish])[] = [
    ['audience', { audiences: ['another'] }],
    ['resource', { resources: ['urn:a', 'urn:b'] }],
  ];
  for (const [name, member] of contradictions)
    await assert.rejects(
      get({ ...m2m, ...member, customParameters: { [name]: 'urn:c' } }),
      exception('ValidationException', /Leave one of them out/),
    );

  providers.known[0] = provider({ dialect: { ...standardDialect, ...vendors.AtlassianOauth2.dialect } });
  const usual = await ask({ scopes: ['write'] });
  const asked = await ask({ scopes: ['write'], ...api });
  const audiences = [usual, asked].map(async (link) => {
    const location = (await newBrowser().fetch(link.authorizationUrl)).headers.get('location') ?? '';
    return new URL(location).searchParams.getAll('audience');
  });
  assert.deepEqual(await Promise.all(audiences), [['api.atlassian.com'], ['https://api.example']]);
});

test('scopes that could not be sent are refused', async () => {
  verifies('oauth:errors');
  await using fixture = await oauthFixture();
  for (const scope of ['a"b', 'a\\b', 'ä', 'a\nb'])
    await assert.rejects(
      fixture.get({ scopes: [scope] }),
      exception('ValidationException', /printable ASCII/),
      scope,
    );
});
