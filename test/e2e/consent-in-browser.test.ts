import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { oauthFixture, scope } from '../../src/composition/testing/oauth-fixture.ts';
import { verifies } from '../requirements.ts';

/** An application that knows who is logged in, and completes what comes back to it. */
async function startApplication(complete: (sessionUri: string) => Promise<unknown>) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://app');
    response.setHeader('content-type', 'text/html');
    if (pathname !== '/back') response.writeHead(404).end();
    else
      complete(searchParams.get('session_id') ?? '').then(
        () => response.end(`<p>done, ${searchParams.get('state')}`),
        (error: Error) => response.end(`<p>${error.name}`),
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    returnUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/back`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('a user grants access in a real browser without scripts, and a callback link is of no use in another one', async (context) => {
  verifies('oauth:federation', 'oauth:other-browser', 'oauth:pages');
  await using fixture = await oauthFixture();
  await using application = await startApplication(fixture.complete);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  context.after(() => browser.close());
  const { returnUrl } = application;
  await fixture.identities.setReturnUrls(scope, 'agent', [returnUrl], 0);
  const { authorizationUrl, sessionUri } = await fixture.ask({
    resourceOauth2ReturnUrl: returnUrl,
    customState: 'mine',
  });

  const alice = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await alice.goto(authorizationUrl);
  await alice.fill('input[name=login]', 'alice');
  await alice.fill('input[name=password]', 'x');
  await alice.click('button[type=submit]');
  await alice.click('button[type=submit]');
  await alice.getByText('done, mine').waitFor();
  const arrived = new URL(alice.url());
  assert.equal(`${arrived.origin}${arrived.pathname}`, returnUrl);
  assert.equal(arrived.searchParams.get('session_id'), sessionUri);
  assert.ok((await fixture.get({ sessionUri })).accessToken);

  const second = await fixture.ask({ forceAuthentication: true, resourceOauth2ReturnUrl: returnUrl });
  const { callback } = await fixture.atCallback(second.authorizationUrl, 'mallory');
  await alice.goto(callback);
  await alice.getByRole('heading', { name: 'This link belongs to another browser' }).waitFor();
  assert.equal((await fixture.get({ sessionUri: second.sessionUri })).sessionStatus, 'IN_PROGRESS');
});

test("without an application a user answers on Berth's own page, in a real browser without scripts", async (context) => {
  verifies('oauth:own-page', 'oauth:pages');
  await using fixture = await oauthFixture();
  const { identities, publicUrl, ask, get } = fixture;
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  context.after(() => browser.close());
  await identities.setReturnUrls(scope, 'agent', [`${publicUrl}/identities/oauth2/done`], 0);
  for (const [button, heading] of [
    ['Do not allow', 'No access granted'],
    ['Allow', 'Access granted'],
  ] as const) {
    const { authorizationUrl, sessionUri } = await ask({ resourceOauth2ReturnUrl: undefined });
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await page.goto(authorizationUrl);
    await page.fill('input[name=login]', 'alice');
    await page.fill('input[name=password]', 'x');
    await page.click('button[type=submit]');
    await page.click('button[type=submit]');
    await page.getByRole('heading', { name: 'Allow access?' }).waitFor();
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.getByRole('heading', { name: heading }).waitFor();
    assert.equal((await get({ sessionUri })).accessToken !== undefined, button === 'Allow', button);
  }
});
