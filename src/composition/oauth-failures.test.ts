import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { OauthProvider } from '../identity/providers/credential-provider.ts';
import { exception, oauthFixture, type Wish } from './testing/oauth-fixture.ts';

const m2m: Wish = { oauth2Flow: 'M2M', scopes: ['read'] };

/** Only the token endpoint behaves so. */
function atToken(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (request.method === 'POST') {
      request.resume();
      listener(request, response);
      return;
    }
    const base = `http://${request.headers.host}`;
    response.end(
      JSON.stringify({
        issuer: base,
        token_endpoint: `${base}/token`,
        authorization_endpoint: `${base}/auth`,
      }),
    );
  };
}

const json =
  (status: number, body: unknown): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const oauthError = (error: string, status = 400) =>
  json(status, { error, error_description: 'leaky-description', error_uri: 'https://evil.example' });

test('an answer that is none gives InternalServerException, and an error of OAuth its own', async () => {
  verifies('oauth:provider-failures', 'oauth:no-leak', 'oauth:errors');
  await using fixture = await oauthFixture();
  const { get, issuer, failures, unexpected, providers } = fixture;
  const leaky = { access_token: 'leaky-token', token_type: 'bearer' };
  const cases: Readonly<Record<string, [RequestListener, string]>> = {
    'status 500': [json(500, leaky), 'InternalServerException'],
    'status 503': [json(503, leaky), 'InternalServerException'],
    'status 404': [json(404, 'leaky-page'), 'InternalServerException'],
    'a redirect': [
      (_request, response) => void response.writeHead(307, { location: '/elsewhere' }).end(),
      'InternalServerException',
    ],
    'no JSON': [json(200, '<leaky-token>'), 'InternalServerException'],
    'no token': [json(200, { token: 'leaky-token' }), 'InternalServerException'],
    'a token that is none': [json(200, { ...leaky, access_token: 7 }), 'InternalServerException'],
    'a token of two lines': [
      json(200, { ...leaky, access_token: 'leaky\ntoken' }),
      'InternalServerException',
    ],
    'a token too long': [
      json(200, { ...leaky, access_token: 'a'.repeat(131_073) }),
      'InternalServerException',
    ],
    'a life that is none': [json(200, { ...leaky, expires_in: 'leaky' }), 'InternalServerException'],
    'a body without end': [
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = () =>
          void (response.write('a'.repeat(65_536)) ? setImmediate(more) : response.once('drain', more));
        more();
      },
      'InternalServerException',
    ],
    'a connection that breaks': [(_request, response) => void response.destroy(), 'InternalServerException'],
    'status 429': [json(429, leaky), 'ThrottlingException'],
    slow_down: [oauthError('slow_down'), 'ThrottlingException'],
    temporarily_unavailable: [oauthError('temporarily_unavailable'), 'InternalServerException'],
    invalid_client: [oauthError('invalid_client', 401), 'AccessDeniedException'],
    unauthorized_client: [oauthError('unauthorized_client'), 'AccessDeniedException'],
    invalid_scope: [oauthError('invalid_scope'), 'ValidationException'],
    invalid_target: [oauthError('invalid_target'), 'ValidationException'],
    'its own word': [oauthError('leaky_error'), 'ValidationException'],
    'a challenge': [
      (request, response) => {
        response.setHeader('www-authenticate', 'Basic realm="leaky"');
        oauthError('invalid_client', 401)(request, response);
      },
      'AccessDeniedException',
    ],
  };
  for (const [name, [listener, expected]] of Object.entries(cases)) {
    issuer.override = atToken(listener);
    const before = failures.length;
    await assert.rejects(get(m2m), (error) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, expected, `${name}: ${error.message}`);
      assert.match(error.message, /^Credential provider docs /, name);
      assert.doesNotMatch(JSON.stringify({ ...error, message: error.message }), /leaky/, name);
      return true;
    });
    assert.equal(failures.length, before + 1, name);
  }
  assert.deepEqual(unexpected, []);
  const told = JSON.stringify(failures);
  for (const secret of ['leaky', providers.secret, encodeURIComponent(providers.secret)])
    assert.equal(told.includes(secret), false, secret);
});

test('a provider that says nothing is given up after ten seconds, at any of its endpoints', async () => {
  verifies('oauth:provider-failures');
  await using fixture = await oauthFixture();
  const { get, issuer, clock, failures, withTime } = fixture;
  for (const silent of [() => {}, atToken(() => {})] satisfies RequestListener[]) {
    issuer.override = silent;
    const before = clock.now();
    await assert.rejects(withTime(get(m2m)), exception('InternalServerException', /does not answer/));
    assert.ok(clock.now() - before >= 10_000 && clock.now() - before < 20_000);
  }
  assert.deepEqual(
    failures.map(({ reason }) => /no answer within 10 s/.test(reason)),
    [true, true],
  );
});

test('a provider that is not there, or has a document that is none, is told as such', async () => {
  verifies('oauth:provider-failures');
  await using fixture = await oauthFixture();
  const { get, issuer, providers, provider, failures } = fixture;
  const documents: RequestListener[] = [
    json(200, 'no JSON'),
    json(200, { issuer: issuer.name }),
    json(200, { issuer: issuer.name, token_endpoint: 'no URL' }),
    json(404, {}),
  ];
  for (const document of documents) {
    issuer.override = document;
    await assert.rejects(get(m2m), exception('InternalServerException', /does not answer/));
  }
  const port = 9;
  fixture.privateIssuers.push(`http://127.0.0.1:${port}`);
  providers.known[0] = provider({ discovery: { kind: 'document', url: `http://127.0.0.1:${port}/x` } });
  await assert.rejects(get(m2m), exception('InternalServerException', /does not answer/));
  assert.match(failures.at(-1)?.reason ?? '', /ECONNREFUSED/);
});

test('no endpoint of a provider leads to this machine, a private network, or a scheme of its own', async () => {
  verifies('oauth:destinations');
  await using fixture = await oauthFixture();
  const { get, ask, issuer, providers, provider, newBrowser, unexpected } = fixture;
  const refused = async (discovery: OauthProvider['discovery'], pattern: RegExp) => {
    providers.known[0] = provider({ discovery });
    await assert.rejects(get(m2m), exception('ValidationException', pattern), JSON.stringify(discovery));
  };
  const named = /BERTH_PRIVATE_ISSUERS names/;
  await refused({ kind: 'document', url: 'http://169.254.169.254/latest' }, named);
  await refused({ kind: 'document', url: 'https://169.254.169.254/latest' }, /metadata service/);
  await refused({ kind: 'document', url: 'https://10.0.0.1/x' }, named);
  // Its name leads here, and is looked at before anything is sent.
  await refused({ kind: 'document', url: 'https://localhost/x' }, named);
  const metadata = {
    kind: 'metadata',
    issuer: issuer.name,
    authorizationEndpoint: `${issuer.name}/auth`,
    tokenEndpoint: `${issuer.name}/token`,
    responseTypes: undefined,
    tokenEndpointAuthMethods: undefined,
  } as const;
  await refused({ ...metadata, tokenEndpoint: 'https://127.0.0.1/token' }, named);
  await refused({ ...metadata, tokenEndpoint: 'http://idp.example/token' }, named);
  issuer.override = json(200, { issuer: issuer.name, token_endpoint: 'https://[::1]/token' });
  await refused({ kind: 'document', url: `${issuer.name}/found` }, named);

  for (const endpoint of [
    'javascript:alert(1)',
    'http://evil.example/auth',
    'https://u:p@idp.example/auth',
  ]) {
    issuer.override = json(200, {
      issuer: issuer.name,
      authorization_endpoint: endpoint,
      token_endpoint: `${issuer.name}/token`,
    });
    const url = `${issuer.name}/${encodeURIComponent(endpoint)}`;
    providers.known[0] = provider({ discovery: { kind: 'document', url } });
    const { authorizationUrl, sessionUri } = await ask();
    const page = await newBrowser().visit(authorizationUrl);
    assert.equal(page.status, 400, endpoint);
    assert.equal(page.headers.get('set-cookie'), null);
    assert.doesNotMatch(page.body, /alert|evil/);
    assert.equal((await get({ sessionUri })).sessionStatus, 'FAILED');
  }
  assert.deepEqual(unexpected, []);
});

test('a document that names another issuer than its own gets neither a token request nor an assertion', async () => {
  verifies('provider:assertion-audience');
  await using fixture = await oauthFixture();
  const { get, issuer, keyRing, providers, provider } = fixture;
  const clientAuthentication = {
    kind: 'private-key-jwt',
    keyArn: keyRing.keyArn,
    algorithm: 'ES256',
    headerClaims: {},
    payloadClaims: {},
  } as const;
  let assertions = 0;
  const documentOf =
    (name: string): RequestListener =>
    (request, response) => {
      if (request.method === 'POST') assertions += 1;
      const metadata = { issuer: name, token_endpoint: `${issuer.name}/token` };
      const token = { access_token: 'a-token', token_type: 'bearer' };
      json(200, request.method === 'POST' ? token : metadata)(request, response);
    };
  const at = (path: string) => {
    const discovery = { kind: 'document', url: `${issuer.name}${path}` } as const;
    providers.known[0] = provider({ clientId: 'key-client', clientAuthentication, discovery });
  };
  for (const name of ['https://bank.example', `${issuer.name}/another`]) {
    issuer.override = documentOf(name);
    at('/.well-known/openid-configuration');
    await assert.rejects(get(m2m), exception('ValidationException', /is that of another issuer/));
  }
  assert.equal(assertions, 0);
  for (const [name, path] of [
    [`${issuer.name}/`, '/.well-known/openid-configuration'],
    [`${issuer.name}/a/b`, '/a/b/.well-known/openid-configuration'],
    [`${issuer.name}/a/b`, '/.well-known/oauth-authorization-server/a/b'],
  ] as const) {
    issuer.override = documentOf(name);
    at(path);
    assert.equal((await get({ ...m2m, scopes: [path] })).accessToken, 'a-token', path);
  }
});

test('a provider that is given by its endpoints needs no document', async () => {
  verifies('oauth:federation');
  await using fixture = await oauthFixture();
  const { grant, issuer, providers, provider } = fixture;
  const discovery = {
    kind: 'metadata',
    issuer: issuer.name,
    authorizationEndpoint: `${issuer.name}/auth`,
    tokenEndpoint: `${issuer.name}/token`,
    responseTypes: ['code'],
    tokenEndpointAuthMethods: undefined,
  } as const;
  providers.known[0] = provider({ discovery });
  assert.ok(await grant());
});

test('a discovery document is read once an hour and serves a day while it cannot be read', async () => {
  verifies('oauth:discovery-cached');
  await using fixture = await oauthFixture();
  const { get, issuer, clock } = fixture;
  let isDown = false;
  let reads = 0;
  const found = atToken(json(200, { access_token: 'a-token', token_type: 'bearer' }));
  issuer.override = (request, response) => {
    if (request.method === 'GET') reads += 1;
    if (isDown && request.method === 'GET') response.writeHead(503).end();
    else found(request, response);
  };
  await Promise.all([get(m2m), get({ ...m2m, scopes: ['write'] })]);
  await get(m2m);
  assert.equal(reads, 1);
  await clock.advance(60 * 60_000);
  await get(m2m);
  assert.equal(reads, 2);
  isDown = true;
  await clock.advance(24 * 60 * 60_000 - 90_000);
  await get(m2m);
  await get(m2m);
  assert.equal(reads, 3, 'not every call tries');
  await clock.advance(60_000);
  await get(m2m);
  assert.equal(reads, 4);
  await clock.advance(30_000);
  await assert.rejects(get(m2m), exception('InternalServerException', /does not answer/));
});

test('a page says when the provider does not answer, and the link serves again later', async () => {
  verifies('oauth:provider-failures', 'oauth:no-leak');
  await using fixture = await oauthFixture({ takesPushed: true });
  const { ask, get, complete, newBrowser, atCallback, issuer } = fixture;
  const { authorizationUrl, sessionUri } = await ask();
  issuer.override = (_request, response) => void response.writeHead(503).end('leaky');
  const page = await newBrowser().visit(authorizationUrl);
  assert.equal(page.status, 502);
  assert.match(page.body, /does not answer/);
  issuer.override = undefined;
  await newBrowser().agree(authorizationUrl);
  await complete(sessionUri);
  assert.ok((await get({ sessionUri })).accessToken);

  const second = await ask({ forceAuthentication: true });
  const { browser, callback } = await atCallback(second.authorizationUrl);
  issuer.override = (_request, response) => void response.writeHead(503).end('leaky');
  const location = (await browser.fetch(callback)).headers.get('location') ?? '';
  assert.match(location, /&error=server_error$/);
  assert.equal((await get({ sessionUri: second.sessionUri })).sessionStatus, 'FAILED');

  issuer.override = undefined;
  const third = await ask({ forceAuthentication: true });
  issuer.override = oauthError('invalid_scope');
  const refused = await newBrowser().visit(third.authorizationUrl);
  assert.equal(refused.status, 400);
  assert.doesNotMatch(refused.body, /leaky/);
  assert.equal((await get({ sessionUri: third.sessionUri })).sessionStatus, 'FAILED');
});

test("ID tokens of Microsoft's documents for all tenants are left out, since they name no issuer", async () => {
  verifies('oauth:federation');
  await using fixture = await oauthFixture();
  const { ask, get, complete, issuer, providers, provider, newBrowser } = fixture;
  let state = '';
  issuer.override = (request, response) => {
    const base = issuer.name;
    if (request.method === 'POST')
      json(200, { access_token: 'a-token', token_type: 'bearer', id_token: 'of.some.tenant' })(
        request,
        response,
      );
    else
      json(200, {
        issuer: 'https://login.example/{tenantid}/v2.0',
        authorization_endpoint: `${base}/auth`,
        token_endpoint: `${base}/token`,
      })(request, response);
  };
  providers.known[0] = provider({ discovery: { kind: 'document', url: `${issuer.name}/common` } });
  const { authorizationUrl, sessionUri } = await ask();
  const browser = newBrowser();
  const sent = new URL((await browser.fetch(authorizationUrl)).headers.get('location') ?? '');
  assert.equal(sent.searchParams.has('nonce'), false);
  state = sent.searchParams.get('state') ?? '';
  await browser.visit(`${sent.searchParams.get('redirect_uri')}?code=x&state=${state}`);
  await complete(sessionUri);
  assert.equal((await get({ sessionUri })).accessToken, 'a-token');
});

test('each error of the service model is answered where it belongs', async () => {
  verifies('oauth:errors');
  await using fixture = await oauthFixture();
  const { get, complete, token } = fixture;
  await assert.rejects(get({ workloadIdentityToken: 'forged' }), exception('AccessDeniedException'));
  const nobody = await token({ user: undefined });
  await assert.rejects(
    get({ workloadIdentityToken: nobody }),
    exception('AccessDeniedException', /of no user/),
  );
  await assert.rejects(
    get({ resourceCredentialProviderName: 'unknown' }),
    exception('ResourceNotFoundException'),
  );
  const unknown = 'urn:ietf:params:oauth:request_uri:unknown';
  await assert.rejects(get({ sessionUri: unknown }), exception('AccessDeniedException', /expired session/));
  await assert.rejects(complete(unknown), exception('AccessDeniedException', /expired session/));
  await assert.rejects(complete('urn:other'), exception('ValidationException'));
  await assert.rejects(get({ oauth2Flow: 'NONE' as never }), exception('ValidationException'));
});
