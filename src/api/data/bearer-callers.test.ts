import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { IssuerKeys } from '../../auth/jwt/issuer-keys.ts';
import { JwtAuthenticator } from '../../auth/jwt/jwt-authenticator.ts';
import { TestIssuer } from '../../auth/jwt/testing/test-issuer.ts';
import { TokenVerifier } from '../../auth/jwt/token-verifier.ts';
import type { RuntimeVersion, ServerProtocol } from '../../runtimes/runtime.ts';
import { echo } from '../../sessions/testing/sessions-fixture.ts';
import { systemClock } from '../../shared/clock.ts';
import type { JwtAuthorizer } from '../../shared/jwt-authorizer.ts';
import {
  DataPlaneFixture,
  echoPath,
  type FixtureOptions,
  sessionHeader,
} from './testing/data-plane-fixture.ts';

interface Options extends FixtureOptions {
  readonly rules?: Partial<JwtAuthorizer>;
  readonly version?: Partial<RuntimeVersion>;
}

/** Agents that answer with the headers they got, on a runtime that takes tokens of a test's own issuer. */
async function bearerFixture({ rules, version, ...options }: Options = {}) {
  const issuer = await TestIssuer.create(() => systemClock.now());
  const events = { issuerFailed: () => {} };
  const keys = new IssuerKeys({ describe: issuer.describe, events, clock: systemClock });
  const tokens = new JwtAuthenticator({ verifier: new TokenVerifier({ keys, clock: systemClock }) });
  const onInvoke: RequestListener = (request, response) => response.end(JSON.stringify(request.headers));
  const fixture = await DataPlaneFixture.open(onInvoke, { tokens, ...options });
  const authorizer: JwtAuthorizer = { discoveryUrl: issuer.discoveryUrl, ...rules };
  fixture.sessions.targets.addVersion(echo, 1, { authorizer, ...version });
  return { fixture, issuer, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const seenBy = (body: string) => JSON.parse(body) as IncomingHttpHeaders;
const metadataPath = `${echoPath}/invocations/.well-known/oauth-protected-resource`;

test('a token of the issuer lets its bearer invoke and stop, whatever user the headers name', async () => {
  verifies('auth:bearer', 'auth:bearer-subject');
  await using opened = await bearerFixture({ rules: { allowedClients: ['web'] } });
  const { fixture, issuer } = opened;
  const token = await issuer.sign({ client_id: 'web' });
  const headers = { ...bearer(token), 'x-amzn-bedrock-agentcore-runtime-user-id': 'somebody else' };
  const answer = await fixture.call({ session: 's1', body: '{}', headers });
  assert.equal(answer.status, 200);
  const seen = seenBy(answer.body);
  assert.equal(seen.authorization, undefined);
  assert.equal(seen['x-amzn-bedrock-agentcore-runtime-user-id'], undefined);
  const stop = await fixture.call({
    session: 's1',
    path: `${echoPath}/stopruntimesession`,
    headers: bearer(token),
  });
  assert.equal(stop.status, 200);
  assert.deepEqual(fixture.failures, []);
});

test('without a good token there is 401 with the challenge, with a signature 403, and nothing starts', async () => {
  verifies(
    'auth:bearer',
    'auth:bearer-challenge',
    'auth:bearer-mismatch',
    'invocations:refused-starts-nothing',
  );
  await using opened = await bearerFixture({ rules: { allowedClients: ['web'] } });
  const { fixture, issuer } = opened;
  const challenge = `Bearer resource_metadata="http://127.0.0.1:${fixture.port}${metadataPath}"`;
  const bad = [
    undefined,
    'Bearer',
    'Bearer x',
    'Bearer a b',
    'Basic eDp5',
    `Bearer ${await issuer.sign({ client_id: 'other' })}`,
    `Bearer ${await issuer.sign({ client_id: 'web', exp: 1 })}`,
  ];
  for (const authorization of bad) {
    const answer = await fixture.call({ session: 's1', body: '{}', headers: { authorization } });
    assert.equal(answer.status, 401, authorization);
    assert.equal(answer.headers['x-amzn-errortype'], 'UnauthorizedException');
    assert.equal(answer.headers['www-authenticate'], challenge);
  }
  const signed = [
    {
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/bedrock-agentcore/aws4_request',
      },
    },
    {
      path: `${echoPath}/invocations?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0`,
      headers: { authorization: undefined },
    },
  ];
  for (const call of signed) {
    const answer = await fixture.call({ session: 's1', body: '{}', ...call });
    assert.equal(answer.status, 403);
    assert.equal(answer.headers['x-amzn-errortype'], 'AccessDeniedException');
    assert.match(answer.body, /different authorization token type/);
    assert.equal(answer.headers['www-authenticate'], undefined);
  }
  assert.equal(await fixture.sessions.find('s1'), undefined);
  assert.deepEqual(fixture.failures, []);
});

test('each protocol tells of the missing token in its own form, with the challenge', async () => {
  verifies('auth:bearer-challenge');
  const forms: Readonly<Record<ServerProtocol, RegExp>> = {
    HTTP: /^\{"message":/,
    MCP: /"id":7,"error":\{"code":-32001/,
    A2A: /^\{"message":/,
    AGUI: /^data: \{"type":"RUN_ERROR".*"code":"UNAUTHORIZED"/,
  };
  for (const [protocol, form] of Object.entries(forms)) {
    await using opened = await bearerFixture({ version: { protocol: protocol as ServerProtocol } });
    const answer = await opened.fixture.call({
      body: '{"jsonrpc":"2.0","id":7,"method":"initialize"}',
      headers: { authorization: undefined, accept: 'application/json, text/event-stream' },
    });
    assert.equal(answer.status, 401, protocol);
    assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer resource_metadata="http/, protocol);
    assert.match(answer.body, form, protocol);
  }
});

test('an issuer that is down is no fault of the caller', async () => {
  verifies('auth:bearer-issuer-down');
  await using opened = await bearerFixture();
  opened.issuer.isDown = true;
  const headers = bearer(await opened.issuer.sign());
  const answer = await opened.fixture.call({ session: 's1', body: '{}', headers });
  assert.equal(answer.status, 503);
  assert.equal(answer.headers['x-amzn-errortype'], 'ServiceUnavailableException');
});

test('the metadata document says who issues tokens, at the public URL and for the qualifier that was asked for', async () => {
  verifies('auth:protected-resource');
  const rules: Partial<JwtAuthorizer> = {
    allowedScopes: ['read', 'write'],
    advertisedScopeMapping: { write: 'api://agents/write' },
  };
  await using opened = await bearerFixture({ rules, publicUrl: 'https://agents.example' });
  const { fixture } = opened;
  fixture.sessions.targets.point(echo, 'prod', 1);
  for (const query of ['', '?qualifier=prod']) {
    const refused = await fixture.call({
      body: '{}',
      path: `${echoPath}/invocations${query}`,
      headers: { authorization: undefined },
    });
    assert.equal(
      refused.headers['www-authenticate'],
      `Bearer resource_metadata="https://agents.example${metadataPath}${query}", scope="read api://agents/write"`,
    );
    const answer = await fixture.call({
      method: 'GET',
      path: `${metadataPath}${query}`,
      headers: { authorization: undefined },
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(answer.body), {
      resource: `https://agents.example${echoPath}/invocations${query}`,
      authorization_servers: ['https://issuer.example'],
      scopes_supported: ['read', 'api://agents/write'],
      bearer_methods_supported: ['header'],
    });
  }
  assert.equal(opened.issuer.asked, 0);
});

test('a runtime that takes signatures has no such document, like one that is not there', async () => {
  verifies('auth:protected-resource');
  await using opened = await bearerFixture({ version: { authorizer: undefined } });
  const bodies = [];
  for (const path of [
    metadataPath,
    `${metadataPath}?qualifier=nope`,
    metadataPath.replace('echo-', 'else-'),
  ]) {
    const answer = await opened.fixture.call({ method: 'GET', path, headers: { authorization: undefined } });
    assert.equal(answer.status, 404);
    bodies.push(answer.body);
  }
  assert.equal(new Set(bodies).size, 1);
});

test('the token reaches an agent whose version asks for it, a signature never does', async () => {
  verifies('invocations:authorization-header');
  const version = { headerAllowlist: ['Authorization'] };
  await using opened = await bearerFixture({ version });
  const { fixture, issuer } = opened;
  const headers = bearer(await issuer.sign());
  const answer = await fixture.call({ session: 's1', body: '{}', headers });
  assert.equal(seenBy(answer.body).authorization, headers.authorization);
  // The endpoint moves to a version that takes signatures; the session stays on its own.
  fixture.sessions.targets.addVersion(echo, 2);
  const signed = await fixture.call({ session: 's1', body: '{}' });
  assert.equal(signed.status, 200);
  assert.equal(signed.headers[sessionHeader], answer.headers[sessionHeader]);
  assert.equal(seenBy(signed.body).authorization, undefined);
});
