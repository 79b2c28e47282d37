import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { OauthDialect } from '../identity/providers/credential-provider.ts';
import { standardDialect } from '../identity/providers/vendors.ts';
import { exception, oauthFixture } from './testing/oauth-fixture.ts';

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
  issuer.override = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      taken.push({ headers: request.headers, body });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer));
    });
  };
  /** The user's way, with a browser that the vendor sends back at once. */
  const grant = async () => {
    const { authorizationUrl, sessionUri } = await fixture.ask();
    const browser = fixture.newBrowser();
    const sent = new URL((await browser.fetch(authorizationUrl)).headers.get('location') ?? '');
    const back = new URLSearchParams({ code: 'the-code', state: sent.searchParams.get('state') ?? '' });
    await browser.visit(`${sent.searchParams.get('redirect_uri')}?${back.toString()}`);
    await fixture.complete(sessionUri);
    return { sent: sent.searchParams, sessionUri };
  };
  return { ...fixture, taken, grant, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
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
