import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { ScriptedBrowser, Visited } from '../identity/testing/scripted-browser.ts';
import { exception, oauthFixture, scope, type Wish } from './testing/oauth-fixture.ts';

/** A workload identity whose users answer to Berth itself. */
async function ownPageFixture() {
  const fixture = await oauthFixture();
  const { identities, publicUrl, clock, ask, atCallback } = fixture;
  const ownUrl = `${publicUrl}/identities/oauth2/done`;
  await identities.setReturnUrls(scope, 'agent', [ownUrl], clock.now());
  /** As far as the question. */
  const toQuestion = async (wish: Wish = {}) => {
    const { authorizationUrl, sessionUri } = await ask({ resourceOauth2ReturnUrl: undefined, ...wish });
    const { browser, callback } = await atCallback(authorizationUrl);
    const question = await browser.visit(callback);
    return { browser, callback, question, sessionUri };
  };
  return { ...fixture, ownUrl, toQuestion, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
}

const answer = (browser: ScriptedBrowser, question: Visited, decision: string) =>
  browser.submit(question, { decision });

test("Berth's own page as return URL asks who is there, and grants on their word", async () => {
  verifies('oauth:own-page');
  await using fixture = await ownPageFixture();
  const { get, toQuestion } = fixture;
  const { browser, question, sessionUri } = await toQuestion();
  assert.equal(question.status, 200);
  for (const named of ['agent', 'docs', 'alice'])
    assert.match(question.body, new RegExp(`<strong>${named}</strong>`));
  assert.match(question.body, /<li>openid<\/li><li>read<\/li>/);
  const policy = question.headers.get('content-security-policy') ?? '';
  assert.match(policy, /form-action 'self'; frame-ancestors 'none'$/);
  assert.equal((await get({ sessionUri })).sessionStatus, 'IN_PROGRESS', 'nothing is granted unasked');

  const granted = await answer(browser, question, 'allow');
  assert.equal(granted.status, 200);
  assert.match(granted.body, /<h1>Access granted<\/h1>/);
  assert.match(granted.headers.get('content-security-policy') ?? '', /form-action 'none'/);
  const kept = [...browser.cookies.keys()].filter((name) => name.startsWith('berth-consent'));
  assert.deepEqual(kept, [], 'the cookie has served');
  assert.ok((await get({ sessionUri })).accessToken);
  assert.ok((await get()).accessToken);
});

test('the page shows names as text, whatever they are', async () => {
  verifies('oauth:own-page', 'oauth:pages');
  await using fixture = await ownPageFixture();
  const { toQuestion, token } = fixture;
  const userId = `"><script>alert('1')</script>`;
  const workloadIdentityToken = await token({ user: { kind: 'named', userId } });
  const { question } = await toQuestion({ workloadIdentityToken });
  assert.doesNotMatch(question.body, /<script|">script/);
  assert.match(question.body, /&#34;&#62;&#60;script&#62;alert/);
  assert.equal(question.headers.get('cache-control'), 'no-store');
  assert.equal(question.headers.get('x-frame-options'), 'DENY');
});

test('whoever does not allow it, or the provider before, keeps nothing and sees so', async () => {
  verifies('oauth:own-page');
  await using fixture = await ownPageFixture();
  const { get, ask, toQuestion, newBrowser, database } = fixture;
  for (const decision of ['refuse', '', 'allow allow']) {
    const { browser, question, sessionUri } = await toQuestion();
    const refused = await answer(browser, question, decision);
    assert.match(refused.body, /<h1>No access granted<\/h1>/);
    assert.equal((await get({ sessionUri })).sessionStatus, 'FAILED');
    const again = await answer(browser, question, 'allow');
    assert.equal(again.status, 403, 'the cookie is gone');
  }
  const { authorizationUrl, sessionUri } = await ask({ resourceOauth2ReturnUrl: undefined });
  const browser = newBrowser();
  const sent = new URL((await browser.fetch(authorizationUrl)).headers.get('location') ?? '').searchParams;
  const declined = new URLSearchParams({ error: 'access_denied', state: sent.get('state') ?? '' });
  declined.set('iss', fixture.issuer.name);
  const page = await browser.visit(`${sent.get('redirect_uri')}?${declined.toString()}`);
  assert.match(page.body, /<h1>No access granted<\/h1>/);
  assert.equal((await get({ sessionUri })).sessionStatus, 'FAILED');
  assert.deepEqual(await database.selectFrom('oauth_grants').selectAll().execute(), []);
});

test('an answer counts from the browser that was asked only, at its callback, with its state', async () => {
  verifies('oauth:own-page', 'oauth:other-browser');
  await using fixture = await ownPageFixture();
  const { get, toQuestion, newBrowser, publicUrl, callbackIds } = fixture;
  const { browser, question, sessionUri } = await toQuestion();
  const strange = await answer(newBrowser(), question, 'allow');
  assert.equal(strange.status, 403);
  assert.match(strange.body, /another browser/);
  const state = /name="state" value="([^"]+)"/.exec(question.body)?.[1] ?? '';
  const post = (id: string, fields: readonly (readonly [string, string])[], type?: string) => {
    const body = new URLSearchParams();
    for (const [name, value] of fields) body.append(name, value);
    return browser.visit(`${publicUrl}/identities/oauth2/callback/${id}`, {
      method: 'POST',
      body,
      ...(type !== undefined && { headers: { 'content-type': type } }),
    });
  };
  const allow = ['decision', 'allow'] as const;
  const bad = [
    await post(callbackIds.other, [['state', state], allow]),
    await post(callbackIds.docs, [['state', `${state}x`], allow]),
    await post(callbackIds.docs, [['state', state], ['state', state], allow]),
    await post(callbackIds.docs, [allow]),
    await post(callbackIds.docs, [['state', 'x'.repeat(5_000)], allow]),
    await post(callbackIds.docs, [['state', state], allow], 'text/plain'),
  ];
  for (const { status, body } of bad) {
    assert.ok(status === 400 || status === 403, String(status));
    assert.match(body, /<main>/);
  }
  assert.equal((await get({ sessionUri })).sessionStatus, 'IN_PROGRESS');
});

test('no answer completes what an application has to, nor what is over or taken off the list', async () => {
  verifies('oauth:own-page', 'oauth:return-url');
  await using fixture = await ownPageFixture();
  const { get, ask, atCallback, toQuestion, identities, ownUrl, publicUrl, callbackIds, clock } = fixture;
  const taken = await toQuestion();
  const late = await toQuestion();
  const ofApplication = 'https://app.example/back?tab=1';
  await identities.setReturnUrls(scope, 'agent', [ofApplication], clock.now());
  const refused = await answer(taken.browser, taken.question, 'allow');
  assert.equal(refused.status, 400);

  const asked = await ask({ resourceOauth2ReturnUrl: ofApplication });
  const { browser, callback } = await atCallback(asked.authorizationUrl);
  const state = new URL(callback).searchParams.get('state') ?? '';
  const url = `${publicUrl}/identities/oauth2/callback/${callbackIds.docs}`;
  const cookies = [...browser.cookies];
  const post = async () => {
    const body = new URLSearchParams({ state, decision: 'allow' });
    const { status } = await browser.visit(url, { method: 'POST', body });
    for (const [name, cookie] of cookies) browser.cookies.set(name, cookie);
    return status;
  };
  assert.equal(await post(), 400, 'before it comes back');
  assert.match((await browser.visit(callback)).url, /^https:\/\/app\.example/);
  for (const [name, cookie] of cookies) browser.cookies.set(name, cookie);
  assert.equal(await post(), 400, 'although its tokens wait');
  const { sessionUri } = asked;
  assert.equal((await get({ sessionUri })).sessionStatus, 'IN_PROGRESS');

  await identities.setReturnUrls(scope, 'agent', [ownUrl], clock.now());
  await clock.advance(10 * 60_000);
  assert.equal((await answer(late.browser, late.question, 'allow')).status, 400);
  assert.equal((await get({ sessionUri: late.sessionUri })).sessionStatus, 'FAILED');
  const page = await browser.visit(ownUrl);
  assert.match(page.body, /no longer valid/);
});

test('an application of the kind that AWS wants may complete it, too; a request without any return URL is told of the page', async () => {
  verifies('oauth:own-page', 'oauth:no-return-url');
  await using fixture = await ownPageFixture();
  const { get, complete, toQuestion, identities, ownUrl, clock } = fixture;
  const { browser, question, sessionUri } = await toQuestion();
  await complete(sessionUri);
  assert.match((await answer(browser, question, 'refuse')).body, /Access granted/);
  assert.ok((await get({ sessionUri })).accessToken);
  await identities.setReturnUrls(scope, 'agent', [], clock.now());
  await assert.rejects(
    get({ forceAuthentication: true }),
    exception('ValidationException', new RegExp(ownUrl.replaceAll('.', '\\.'))),
  );
});
