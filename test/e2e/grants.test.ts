import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import {
  CompleteResourceTokenAuthCommand,
  GetResourceOauth2TokenCommand,
  GetWorkloadAccessTokenForUserIdCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateOauth2CredentialProviderCommand,
  CreateWorkloadIdentityCommand,
  DeleteOauth2CredentialProviderCommand,
  type Oauth2ProviderConfigInput,
  UpdateOauth2CredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { ScriptedBrowser } from '../../src/identity/testing/scripted-browser.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { OutsideProvider } from '../fixture/outside-provider.ts';
import { verifies } from '../requirements.ts';

const workloadName = 'outside-agent';
const returnUrl = 'https://app.example/back';
const vendor = { name: 'docs', credentialProviderVendor: 'CustomOauth2' } as const;

describe('what users granted to agents, on a whole server', { timeout: 180_000 }, () => {
  let berth: BerthFixture;
  let outside: OutsideProvider;
  let elsewhere: OutsideProvider;
  let callbackUrl: string;

  const configOf = ({
    clientId,
    clientSecret,
    discoveryUrl,
  }: OutsideProvider): Oauth2ProviderConfigInput => ({
    customOauth2ProviderConfig: { clientId, clientSecret, oauthDiscovery: { discoveryUrl } },
  });
  const ask = async (user: string) => {
    const { workloadAccessToken } = await berth.data.send(
      new GetWorkloadAccessTokenForUserIdCommand({ workloadName, userId: user }),
    );
    return berth.data.send(
      new GetResourceOauth2TokenCommand({
        workloadIdentityToken: workloadAccessToken,
        resourceCredentialProviderName: vendor.name,
        oauth2Flow: 'USER_FEDERATION',
        scopes: ['openid', 'read'],
        resourceOauth2ReturnUrl: returnUrl,
      }),
    );
  };
  /** The provider's answer on its way back, in the user's browser. */
  const atCallback = async (url: string, user: string) => {
    const browser = new ScriptedBrowser({ stopAt: `${berth.server.url}/identities/oauth2/callback/` });
    const { url: callback } = await browser.agree(url, user);
    browser.stopAt = returnUrl;
    return { browser, callback };
  };
  const consent = async (user: string) => {
    const { authorizationUrl = '' } = await ask(user);
    const { browser, callback } = await atCallback(authorizationUrl, user);
    const { url } = await browser.visit(callback);
    const sessionUri = new URL(url).searchParams.get('session_id') ?? '';
    await berth.data.send(
      new CompleteResourceTokenAuthCommand({ sessionUri, userIdentifier: { userId: user } }),
    );
  };
  /** The provider's tokens live for a second. */
  const untilRefreshed = async (user: string) => {
    const from = outside.grants.length;
    for (;;) {
      assert.ok((await ask(user)).accessToken);
      if (outside.grants.slice(from).some((grant) => grant.type === 'refresh_token' && grant.user === user))
        return;
    }
  };

  before(async () => {
    [outside, elsewhere] = [await OutsideProvider.start(), await OutsideProvider.start()];
    berth = await BerthFixture.start({ BERTH_PRIVATE_ISSUERS: `${outside.issuer},${elsewhere.issuer}` });
    await berth.control.send(
      new CreateWorkloadIdentityCommand({ name: workloadName, allowedResourceOauth2ReturnUrls: [returnUrl] }),
    );
    const created = await berth.control.send(
      new CreateOauth2CredentialProviderCommand({ ...vendor, oauth2ProviderConfigInput: configOf(outside) }),
    );
    callbackUrl = created.callbackUrl ?? '';
    outside.serve([callbackUrl], { accessTokenTtlS: 1 });
    elsewhere.serve([callbackUrl]);
  });

  after(async () => {
    await berth?.destroy();
    await outside?.[Symbol.asyncDispose]();
    await elsewhere?.[Symbol.asyncDispose]();
  });

  it('is refreshed, also after a change of every key and secret and kill -9 of the server', async () => {
    verifies('oauth:refresh', 'vault:rotate', 'token:rotation', 'provider:rotation');
    await consent('ann');
    await untilRefreshed('ann');

    await berth.cli('vault', 'rotate');
    await berth.cli('identity', 'rotate-signing-key');
    outside.clientSecret = randomBytes(24).toString('base64url');
    await berth.control.send(
      new UpdateOauth2CredentialProviderCommand({ ...vendor, oauth2ProviderConfigInput: configOf(outside) }),
    );
    await berth.process.kill();
    await berth.process.start();
    await untilRefreshed('ann');
    assert.equal((await ask('bob')).accessToken, undefined);
  });

  it('is forgotten when its provider moves to another authorization server', async () => {
    verifies('provider:moved');
    const moveTo = (place: OutsideProvider) =>
      berth.control.send(
        new UpdateOauth2CredentialProviderCommand({ ...vendor, oauth2ProviderConfigInput: configOf(place) }),
      );
    await moveTo(elsewhere);
    assert.equal((await ask('ann')).accessToken, undefined);
    assert.deepEqual(elsewhere.grants, []);
    await moveTo(outside);
    assert.equal((await ask('ann')).accessToken, undefined);
  });

  it('is gone with its provider, and a consent that is under way comes to nothing', async () => {
    verifies('oauth:deleted-provider', 'provider:deleted');
    await consent('ann');
    const { authorizationUrl = '' } = await ask('bob');
    const { browser, callback } = await atCallback(authorizationUrl, 'bob');
    const before = outside.grants.length;
    await berth.control.send(new DeleteOauth2CredentialProviderCommand({ name: vendor.name }));
    await assert.rejects(ask('ann'), { name: 'ResourceNotFoundException' });
    const page = await browser.visit(callback);
    assert.ok(page.status >= 400, `${page.status} ${page.url}`);
    assert.equal(outside.grants.length, before);

    const { callbackUrl: another = '' } = await berth.control.send(
      new CreateOauth2CredentialProviderCommand({ ...vendor, oauth2ProviderConfigInput: configOf(outside) }),
    );
    assert.notEqual(another, callbackUrl);
    assert.ok((await ask('ann')).authorizationUrl);
    assert.ok((await browser.visit(callback)).status >= 400);
  });
});
