import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { vendors } from '../../identity/providers/vendors.ts';
import { oauthVendorMembers, type OauthVendorName } from '../../shared/oauth-vendors.ts';
import { openDatabase } from '../../storage/database.ts';
import { loadServiceOperations } from '../model/service-operation.ts';
import { caller, controlFixture, failure } from './testing/control-fixture.ts';
import { customDiscovery, oauthInput, secretText } from './testing/provider-inputs.ts';

const vendorNames = Object.keys(oauthVendorMembers) as OauthVendorName[];

test('a provider is created, read, updated, listed and deleted', async () => {
  verifies('provider:operations', 'provider:arns', 'provider:callback');
  await using fixture = await controlFixture();
  const { operations, clock } = fixture;
  const created = await operations.CreateOauth2CredentialProvider(
    oauthInput('my-github', 'GithubOauth2'),
    caller,
  );
  assert.equal(
    created.credentialProviderArn,
    'arn:aws:acps:us-east-1:111122223333:token-vault/default/oauth2credentialprovider/my-github',
  );
  assert.match(
    created.clientSecretArn.secretArn,
    /^arn:aws:secretsmanager:us-east-1:111122223333:secret:bedrock-agentcore-identity!default\/oauth2\/my-github-[A-Za-z0-9]{6}$/,
  );
  assert.match(
    created.callbackUrl ?? '',
    /^https:\/\/berth\.example\/identities\/oauth2\/callback\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  assert.equal(created.status, 'READY');
  assert.equal(created.clientSecretSource, 'MANAGED');
  await clock.advance(1_000);
  await operations.UpdateOauth2CredentialProvider(
    oauthInput('my-github', 'GithubOauth2', { clientId: 'other' }),
    caller,
  );
  const shown = await operations.GetOauth2CredentialProvider({ name: 'my-github' }, caller);
  assert.equal(shown.lastUpdatedTime.getTime() - shown.createdTime.getTime(), 1_000);
  assert.deepEqual(shown.oauth2ProviderConfigOutput.githubOauth2ProviderConfig, {
    oauthDiscovery: {
      authorizationServerMetadata: {
        issuer: 'https://github.com/login/oauth',
        authorizationEndpoint: 'https://github.com/login/oauth/authorize',
        tokenEndpoint: 'https://github.com/login/oauth/access_token',
        responseTypes: undefined,
        tokenEndpointAuthMethods: undefined,
      },
    },
    clientId: 'other',
  });
  assert.equal(shown.callbackUrl, created.callbackUrl);
  const { credentialProviders } = await operations.ListOauth2CredentialProviders({}, caller);
  assert.deepEqual(credentialProviders, [
    {
      name: 'my-github',
      credentialProviderVendor: 'GithubOauth2',
      credentialProviderArn: created.credentialProviderArn,
      createdTime: shown.createdTime,
      lastUpdatedTime: shown.lastUpdatedTime,
    },
  ]);
  await operations.DeleteOauth2CredentialProvider({ name: 'my-github' }, caller);
  for (const act of [operations.GetOauth2CredentialProvider, operations.DeleteOauth2CredentialProvider])
    await assert.rejects(
      act({ name: 'my-github' }, caller),
      failure('not-found', /no OAuth2 credential provider my-github/),
    );
});

test('every vendor of the model is there, with addresses that Berth would go to', async () => {
  verifies('provider:vendors');
  const model = loadServiceOperations().find(({ name }) => name === 'CreateOauth2CredentialProvider');
  const shape = model?.shapes['CredentialProviderVendorType'];
  assert.ok(shape?.type === 'string');
  assert.deepEqual(vendorNames.toSorted(), [...(shape.enum ?? [])].toSorted());
  await using fixture = await controlFixture();
  for (const vendor of vendorNames) {
    const { address } = vendors[vendor];
    const more =
      vendor === 'CustomOauth2'
        ? customDiscovery
        : address.kind === 'own-issuer'
          ? { issuer: address.example }
          : {};
    const created = await fixture.operations.CreateOauth2CredentialProvider(
      oauthInput(vendor, vendor, more),
      caller,
    );
    const [[member, config] = []] = Object.entries(created.oauth2ProviderConfigOutput ?? {});
    assert.ok(config !== undefined);
    assert.equal(member, oauthVendorMembers[vendor]);
    assert.equal(config.clientId, 'client');
    const { discoveryUrl, authorizationServerMetadata: metadata } = config.oauthDiscovery;
    const urls =
      discoveryUrl === undefined ? [metadata.authorizationEndpoint, metadata.tokenEndpoint] : [discoveryUrl];
    for (const url of urls) assert.equal(new URL(url).protocol, 'https:', vendor);
    if (discoveryUrl !== undefined) assert.match(discoveryUrl, /[^/]\/\.well-known\/openid-configuration$/);
  }
});

test('vendors with issuers of their customers need one, and read its document unless endpoints are given', async () => {
  verifies('provider:own-issuers');
  await using fixture = await controlFixture();
  const { CreateOauth2CredentialProvider: create, GetOauth2CredentialProvider: get } = fixture.operations;
  const own = vendorNames.filter((vendor) => vendors[vendor].address.kind === 'own-issuer');
  assert.equal(own.length, 7);
  for (const vendor of own)
    await assert.rejects(
      create(oauthInput('x', vendor), caller),
      failure('validation', /issuer of their own, such as https:/),
    );
  await create(oauthInput('auth0', 'Auth0Oauth2', { issuer: 'https://example.eu.auth0.com/' }), caller);
  const { oauth2ProviderConfigOutput: output } = await get({ name: 'auth0' }, caller);
  assert.deepEqual(output.includedOauth2ProviderConfig?.oauthDiscovery, {
    discoveryUrl: 'https://example.eu.auth0.com/.well-known/openid-configuration',
  });
  const endpoints = {
    issuer: 'https://id.example',
    authorizationEndpoint: 'https://id.example/authorize',
    tokenEndpoint: 'https://id.example/token',
  };
  await create(oauthInput('cyberark', 'CyberArkOauth2', endpoints), caller);
  const shown = await get({ name: 'cyberark' }, caller);
  const discovery = shown.oauth2ProviderConfigOutput.includedOauth2ProviderConfig?.oauthDiscovery;
  assert.equal(discovery?.authorizationServerMetadata?.tokenEndpoint, 'https://id.example/token');
  await assert.rejects(
    create(oauthInput('half', 'OktaOauth2', { ...endpoints, tokenEndpoint: undefined }), caller),
    failure('validation', /are given together/),
  );
});

test('a vendor keeps its own addresses, and Microsoft has one for each tenant', async () => {
  verifies('provider:vendors');
  await using fixture = await controlFixture();
  const { CreateOauth2CredentialProvider: create } = fixture.operations;
  const tokenEndpoint = 'https://api.x.com/2/oauth2/token';
  await create(oauthInput('x', 'XOauth2', { tokenEndpoint }), caller);
  await assert.rejects(
    create(oauthInput('y', 'XOauth2', { tokenEndpoint: 'https://evil.example/token' }), caller),
    failure('validation', /XOauth2 has the tokenEndpoint https:\/\/api\.x\.com/),
  );
  const discoveryOf = async (name: string, more: object) =>
    (await create(oauthInput(name, 'MicrosoftOauth2', { ...more }), caller)).oauth2ProviderConfigOutput
      ?.microsoftOauth2ProviderConfig?.oauthDiscovery.discoveryUrl;
  const base = 'https://login.microsoftonline.com';
  assert.equal(await discoveryOf('any', {}), `${base}/common/v2.0/.well-known/openid-configuration`);
  assert.equal(
    await discoveryOf('mine', { tenantId: 'contoso.example' }),
    `${base}/contoso.example/v2.0/.well-known/openid-configuration`,
  );
  await assert.rejects(discoveryOf('bad', { tenantId: '../evil' }), failure('validation', /is no tenant/));
  await assert.rejects(
    create({ ...oauthInput('z', 'GithubOauth2'), credentialProviderVendor: 'GoogleOauth2' }, caller),
    failure('validation', /given as googleOauth2ProviderConfig/),
  );
});

test('the quota counts OAuth2 providers only', async () => {
  verifies('provider:quotas');
  await using fixture = await controlFixture({ quotas: { oauthProviders: 1 } });
  const { operations, identity } = fixture;
  await operations.CreateApiKeyCredentialProvider({ name: 'key', apiKey: 'k' }, caller);
  await operations.CreateOauth2CredentialProvider(oauthInput('one', 'GithubOauth2'), caller);
  await assert.rejects(
    operations.CreateOauth2CredentialProvider(oauthInput('two', 'GithubOauth2'), caller),
    failure('quota-exceeded', /limit of 1 OAuth2 credential providers/),
  );
  assert.equal(identity.vault.owners.length, 2);
});

test('providers are listed by name, twenty at a time', async () => {
  verifies('provider:pages');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const names = Array.from({ length: 21 }, (_, index) => `p-${String(index).padStart(2, '0')}`);
  for (const name of names.toReversed())
    await operations.CreateOauth2CredentialProvider(oauthInput(name, 'XOauth2'), caller);
  const first = await operations.ListOauth2CredentialProviders({}, caller);
  assert.equal(first.credentialProviders.length, 20);
  const second = await operations.ListOauth2CredentialProviders({ nextToken: first.nextToken }, caller);
  const listed = [...first.credentialProviders, ...second.credentialProviders];
  assert.deepEqual(
    listed.map(({ name }) => name),
    names,
  );
  assert.equal(second.nextToken, undefined);
});

test('no secret is in an answer or in the database', async () => {
  verifies('provider:sealed');
  const database = await openDatabase(':memory:');
  await using fixture = await controlFixture({ database });
  const { operations } = fixture;
  const input = oauthInput('p', 'GithubOauth2');
  const answers = [
    await operations.CreateOauth2CredentialProvider(input, caller),
    await operations.UpdateOauth2CredentialProvider(input, caller),
    await operations.GetOauth2CredentialProvider({ name: 'p' }, caller),
    await operations.ListOauth2CredentialProviders({}, caller),
    await operations.CreateApiKeyCredentialProvider({ name: 'p', apiKey: secretText }, caller),
    await operations.UpdateApiKeyCredentialProvider({ name: 'p', apiKey: secretText }, caller),
    await operations.GetApiKeyCredentialProvider({ name: 'p' }, caller),
  ];
  const rows = await database.selectFrom('credential_providers').selectAll().execute();
  assert.equal(rows.length, 2);
  assert.doesNotMatch(JSON.stringify([answers, rows]), new RegExp(secretText));
});
