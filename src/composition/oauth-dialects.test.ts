import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { OauthDialect } from '../identity/providers/credential-provider.ts';
import { standardDialect, vendors } from '../identity/providers/vendors.ts';
import type { OauthVendorName } from '../shared/oauth-vendors.ts';
import { exception, oauthFixture, type Wish } from './testing/oauth-fixture.ts';

interface Taken {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A vendor that answers every token request with `answer`. */
async function setUp(changes: Partial<OauthDialect>, answer: object) {
  const fixture = await oauthFixture();
  const { issuer, providers, provider } = fixture;
  providers.known[0] = provider({
    dialect: { ...standardDialect, ...changes },
    discovery: {
      kind: 'metadata',
      issuer: issuer.name,
      authorizationEndpoint: `${issuer.name}/auth`,
      tokenEndpoint: `${issuer.name}/token`,
      responseTypes: undefined,
      tokenEndpointAuthMethods: undefined,
    },
  });
  const taken: Taken[] = [];
  let next = { answer, status: 200 };
  const answerWith = (other: object, status = 200) => void (next = { answer: other, status });
  issuer.override = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      taken.push({ headers: request.headers, body });
      response.writeHead(next.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(next.answer));
    });
  };
  /** The user's way, with a browser that the vendor sends back at once. */
  const grant = async (wish: Wish = {}) => {
    const { authorizationUrl, sessionUri } = await fixture.ask(wish);
    const browser = fixture.newBrowser();
    const sent = new URL((await browser.fetch(authorizationUrl)).headers.get('location') ?? '');
    const back = new URLSearchParams({ code: 'the-code', state: sent.searchParams.get('state') ?? '' });
    await browser.visit(`${sent.searchParams.get('redirect_uri')}?${back.toString()}`);
    await fixture.complete(sessionUri);
    return { sent: sent.searchParams, sessionUri };
  };
  return {
    ...fixture,
    taken,
    answerWith,
    grant,
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

const bearer = { access_token: 'a-token', token_type: 'bearer' };

test('scopes are separated, parameters added and PKCE left out as the vendor wants it', async () => {
  verifies('oauth:dialects');
  const dialect: Partial<OauthDialect> = {
    usesPkce: false,
    scopeSeparator: ',',
    authorizationParameters: { access_type: 'offline', prompt: 'consent' },
    hasIssuerTemplate: true,
  };
  await using vendor = await setUp(dialect, { ...bearer, id_token: 'of.no.use' });
  const { grant, ask, get, newBrowser, taken } = vendor;
  const { sent, sessionUri } = await grant();
  assert.equal(sent.get('scope'), 'openid,read');
  assert.equal(sent.get('access_type'), 'offline');
  assert.equal(sent.get('prompt'), 'consent');
  for (const name of ['code_challenge', 'code_challenge_method', 'nonce'])
    assert.equal(sent.has(name), false, name);
  assert.equal(new URLSearchParams(taken[0]?.body).has('code_verifier'), false);
  assert.equal((await get({ sessionUri })).accessToken, 'a-token');

  const customParameters = { access_type: 'online' };
  const { authorizationUrl } = await ask({ customParameters, forceAuthentication: true });
  const location = (await newBrowser().fetch(authorizationUrl)).headers.get('location') ?? '';
  assert.equal(new URL(location).searchParams.get('access_type'), 'online');
  assert.equal(new URL(location).searchParams.get('prompt'), 'login');
});

test('a vendor that takes JSON and headers of its own gets them, at its token endpoint', async () => {
  verifies('oauth:dialects');
  const dialect: Partial<OauthDialect> = {
    tokenRequestBody: 'json',
    tokenRequestHeaders: { 'notion-version': '2022-06-28', 'user-agent': 'linux:app:v1' },
  };
  await using vendor = await setUp(dialect, bearer);
  const { get, taken } = vendor;
  await get({ oauth2Flow: 'M2M', scopes: ['read'] });
  const [{ headers, body } = { headers: {}, body: '' }] = taken;
  assert.equal(headers['notion-version'], '2022-06-28');
  assert.equal(headers['user-agent'], 'linux:app:v1');
  assert.equal(headers['content-type'], 'application/json');
  assert.match(headers.authorization ?? '', /^Basic /);
  assert.deepEqual(JSON.parse(body), { grant_type: 'client_credentials', scope: 'read' });

  await using plain = await setUp({}, bearer);
  await plain.get({ oauth2Flow: 'M2M', scopes: ['read'] });
  assert.equal(plain.taken[0]?.headers['user-agent'], 'berth');
});

test('a token that is elsewhere, of a type of its own, with scopes as a list, is found with what is beside it', async () => {
  verifies('oauth:dialects');
  const dialect: Partial<OauthDialect> = {
    accessTokenPaths: [['authed_user', 'access_token'], ['access_token']],
    isBearerWhateverItSays: true,
    failsWithSuccess: true,
  };
  const authed_user = { access_token: 'of-the-user', refresh_token: 'refresh-of-the-user', expires_in: 100 };
  const answer = { ok: true, access_token: 'of-the-bot', token_type: 'bot', scope: ['a'], authed_user };
  await using vendor = await setUp({ ...dialect, hasIssuerTemplate: true }, answer);
  const { grant, get, clock, taken } = vendor;
  const { sessionUri } = await grant();
  assert.equal((await get({ sessionUri })).accessToken, 'of-the-user');
  await clock.advance(100_000);
  await get();
  const { grant_type, refresh_token } = Object.fromEntries(new URLSearchParams(taken[1]?.body));
  assert.deepEqual(
    { grant_type, refresh_token },
    { grant_type: 'refresh_token', refresh_token: 'refresh-of-the-user' },
  );

  await using plain = await setUp(dialect, { ok: true, access_token: 'of-the-bot', scope: ['a'] });
  const m2m = await plain.get({ oauth2Flow: 'M2M', scopes: ['read'] });
  assert.equal(m2m.accessToken, 'of-the-bot', 'the next place counts where the first has none');
});

test('failures with status 200 are failures', async () => {
  verifies('oauth:dialects', 'oauth:no-leak');
  const cases = [
    [{ error: 'invalid_scope', error_description: 'leaky', access_token: 'leaky' }, 'ValidationException'],
    [{ error: 'bad_verification_code' }, 'ValidationException'],
    [{ ok: false, error: 'invalid_client' }, 'AccessDeniedException'],
    [{ ok: false, access_token: 'leaky', token_type: 'bearer' }, 'ValidationException'],
  ] as const;
  for (const [answer, name] of cases) {
    await using vendor = await setUp({ failsWithSuccess: true }, answer);
    await assert.rejects(vendor.get({ oauth2Flow: 'M2M', scopes: ['read'] }), (error: Error) => {
      assert.doesNotMatch(error.message, /leaky/);
      return exception(name, /^Credential provider docs refuses/)(error);
    });
  }
});

test('a client id and a secret with hyphens and underscores are shown as they are', async () => {
  verifies('oauth:dialects', 'oauth:client-authentication');
  await using vendor = await setUp({}, bearer);
  const { get, providers, taken } = vendor;
  const [known] = providers.known;
  assert.ok(known);
  const clientId = '1f0d872b-594c-80b4-a7a1-0037d1b1e0a2';
  providers.known[0] = { ...known, clientId };
  providers.secret = 'secret_a-b.c*D and: more%';
  await get({ oauth2Flow: 'M2M', scopes: ['read'] });
  const [, credentials = ''] = taken[0]?.headers.authorization?.split(' ') ?? [];
  assert.equal(Buffer.from(credentials, 'base64').toString(), `${clientId}:secret_a-b.c*D+and%3A+more%25`);
});

test('what a vendor writes as null, or as nothing, is not given', async () => {
  verifies('oauth:dialects');
  const dialect: Partial<OauthDialect> = { failsWithSuccess: true, hasIssuerTemplate: true };
  const nothing = { refresh_token: null, expires_in: null, id_token: null, error: null, scope: '' };
  await using vendor = await setUp(dialect, { ...bearer, ...nothing });
  const { grant, get } = vendor;
  const { sessionUri } = await grant();
  assert.equal((await get({ sessionUri })).accessToken, 'a-token');
});

test('a vendor whose ID tokens have no nonce is asked for none, and the rest of them is looked at', async () => {
  verifies('oauth:dialects');
  const { dialect } = vendors.LinkedinOauth2;
  await using vendor = await setUp(dialect, {});
  const { get, grant, issuer, clock } = vendor;
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const idToken = (aud: string) => {
    const nowS = Math.floor(clock.now() / 1000);
    const claims = { iss: issuer.name, sub: 'u', aud, iat: nowS, exp: nowS + 600 };
    return `${encoded({ alg: 'RS256' })}.${encoded(claims)}.c2ln`;
  };
  vendor.answerWith({ ...bearer, expires_in: 5_184_000, id_token: idToken('basic-client') });
  const { sent, sessionUri } = await grant();
  assert.equal(sent.get('scope'), 'openid read');
  assert.equal(sent.has('nonce'), false);
  assert.equal((await get({ sessionUri })).accessToken, 'a-token');
  vendor.answerWith({ ...bearer, id_token: idToken('another-client') });
  await assert.rejects(grant({ forceAuthentication: true }));
});

test('a refresh token that a vendor refuses in its own words makes the user be asked again', async () => {
  verifies('oauth:dialects', 'oauth:refresh-refused');
  const refusals: readonly (readonly [OauthVendorName, number, object])[] = [
    ['GithubOauth2', 200, { error: 'bad_refresh_token', error_description: 'It is incorrect or expired.' }],
    ['SlackOauth2', 200, { ok: false, error: 'invalid_refresh_token' }],
    ['HubspotOauth2', 400, { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' }],
    ['TwitchOauth2', 400, { status: 400, message: 'Invalid refresh token' }],
    ['XOauth2', 400, { error: 'invalid_request', error_description: 'The token was invalid.' }],
    ['AtlassianOauth2', 403, { error: 'unauthorized_client', error_description: 'refresh_token is invalid' }],
    ['RedditOauth2', 400, { message: 'Bad Request', error: 400 }],
    ['NotionOauth2', 400, { error: 'invalid_grant' }],
  ];
  for (const [name, status, refusal] of refusals) {
    const refreshable = { ...bearer, refresh_token: 'a-refresh-token', expires_in: 100 };
    await using vendor = await setUp({ ...vendors[name].dialect, hasIssuerTemplate: true }, refreshable);
    const { grant, get, clock } = vendor;
    const { sessionUri } = await grant();
    assert.equal((await get({ sessionUri })).accessToken, 'a-token', name);
    vendor.answerWith(refusal, status);
    await clock.advance(100_000);
    assert.equal((await get()).sessionStatus, 'IN_PROGRESS', name);
    // The words mean that of a refresh token only.
    await assert.rejects(get({ oauth2Flow: 'M2M' }), name);
  }
});
