import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { signingKeyArn } from '../../identity/testing/provider-fixture.ts';
import { caller, controlFixture, failure } from './testing/control-fixture.ts';
import { customDiscovery, oauthInput, secretText } from './testing/provider-inputs.ts';

test('a custom provider is answered back as it was given', async () => {
  verifies('provider:custom');
  await using fixture = await controlFixture();
  const { CreateOauth2CredentialProvider: create, GetOauth2CredentialProvider: get } = fixture.operations;
  const given = [
    { ...customDiscovery, clientAuthenticationMethod: 'CLIENT_SECRET_BASIC' },
    {
      oauthDiscovery: {
        authorizationServerMetadata: {
          issuer: 'https://sso.example',
          authorizationEndpoint: 'https://sso.example/authorize?tenant=1',
          tokenEndpoint: 'https://sso.example/token',
          responseTypes: ['code'],
          tokenEndpointAuthMethods: ['client_secret_post'],
        },
      },
      clientAuthenticationMethod: 'CLIENT_SECRET_POST',
      onBehalfOfTokenExchangeConfig: {
        grantType: 'TOKEN_EXCHANGE',
        tokenExchangeGrantTypeConfig: { actorTokenContent: 'M2M', actorTokenScopes: ['read'] },
      },
    },
    {
      ...customDiscovery,
      clientAuthenticationMethod: 'CLIENT_SECRET_BASIC',
      onBehalfOfTokenExchangeConfig: { grantType: 'JWT_AUTHORIZATION_GRANT' },
    },
  ];
  for (const [index, config] of given.entries()) {
    await create(oauthInput(`custom-${index}`, 'CustomOauth2', config), caller);
    const { oauth2ProviderConfigOutput: output } = await get({ name: `custom-${index}` }, caller);
    assert.deepEqual(output.customOauth2ProviderConfig, { clientId: 'client', ...config });
  }
  const { clientAuthenticationMethod: _method, ...withoutMethod } = given[1] ?? {};
  const assumed = await create(oauthInput('assumed', 'CustomOauth2', withoutMethod), caller);
  assert.equal(
    assumed.oauth2ProviderConfigOutput?.customOauth2ProviderConfig?.clientAuthenticationMethod,
    'CLIENT_SECRET_POST',
  );
});

test('a private key of the key ring proves the client in the place of a secret', async () => {
  verifies('provider:custom');
  await using fixture = await controlFixture();
  const { CreateOauth2CredentialProvider: create } = fixture.operations;
  const withKey = (kmsKeyArn: string, more: object = {}, clientSecret?: string) =>
    oauthInput('custom', 'CustomOauth2', {
      ...customDiscovery,
      clientSecret,
      clientAuthenticationMethod: 'PRIVATE_KEY_JWT',
      privateKeyJwtConfig: { privateKeySource: { kmsKeySource: { kmsKeyArn } }, ...more },
    });
  const claims = {
    additionalHeaderClaims: { kid: 'one' },
    additionalPayloadClaims: { team: 'a' },
  };
  const made = await create(withKey(signingKeyArn, claims), caller);
  assert.equal(made.clientSecretSource, undefined);
  assert.ok(made.clientSecretArn.secretArn);
  assert.deepEqual(made.oauth2ProviderConfigOutput?.customOauth2ProviderConfig?.privateKeyJwtConfig, {
    privateKeySource: { kmsKeySource: { kmsKeyArn: signingKeyArn } },
    signingAlgorithm: 'RS256',
    ...claims,
  });
  const { credentials } = fixture.identity.parts;
  await assert.rejects(
    credentials.secretOf(await credentials.findOauth(caller.principal, 'custom')),
    failure('validation', /has no secret: a private key proves/),
  );
  await assert.rejects(create(withKey(`${signingKeyArn}0`), caller), failure('not-found'));
  const algorithm = { signingAlgorithm: 'ES256' };
  await assert.rejects(
    create(withKey(signingKeyArn, algorithm), caller),
    failure('validation', /signs with RS256/),
  );
  await assert.rejects(
    create(withKey(signingKeyArn, {}, 'a secret'), caller),
    failure('validation', /Leave its secret out/),
  );
  for (const reserved of [
    { additionalPayloadClaims: { iss: 'me' } },
    { additionalHeaderClaims: { alg: 'none' } },
  ])
    await assert.rejects(
      create(withKey(signingKeyArn, reserved), caller),
      failure('validation', /set by Berth itself/),
    );
});

test('an assertion is made out to the issuer or the token endpoint that the request names, and to nobody else', async () => {
  verifies('provider:assertion-audience');
  await using fixture = await controlFixture();
  const { CreateOauth2CredentialProvider: create, UpdateOauth2CredentialProvider: update } =
    fixture.operations;
  const metadata = {
    issuer: 'https://sso.example',
    authorizationEndpoint: 'https://sso.example/authorize',
    tokenEndpoint: 'https://sso.example/token',
  };
  const named = (aud: string, oauthDiscovery: object = { authorizationServerMetadata: metadata }) =>
    oauthInput('custom', 'CustomOauth2', {
      oauthDiscovery,
      clientSecret: undefined,
      clientAuthenticationMethod: 'PRIVATE_KEY_JWT',
      privateKeyJwtConfig: {
        privateKeySource: { kmsKeySource: { kmsKeyArn: signingKeyArn } },
        additionalPayloadClaims: { aud },
      },
    });
  await create(named(metadata.tokenEndpoint), caller);
  await update(named(metadata.issuer), caller);
  for (const refused of [
    named('https://bank.example'),
    named(metadata.authorizationEndpoint),
    named('https://sso.example/token', customDiscovery.oauthDiscovery),
  ])
    await assert.rejects(update(refused, caller), failure('validation', /'aud' can only be the issuer/));
});

test('what is not built, and what contradicts itself, is refused with what to do', async () => {
  verifies('provider:unbuilt-refused');
  await using fixture = await controlFixture();
  const exchange = (config: object, grantType = 'TOKEN_EXCHANGE') => ({
    onBehalfOfTokenExchangeConfig: { grantType, ...config },
  });
  const config = (actorTokenContent: string, actorTokenScopes?: readonly string[]) => ({
    tokenExchangeGrantTypeConfig: { actorTokenContent, actorTokenScopes },
  });
  const lattice = { selfManagedLatticeResource: { resourceConfigurationIdentifier: 'rcfg-1' } };
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ privateEndpoint: lattice }, /Leave privateEndpoint out.*BERTH_PRIVATE_ISSUERS/],
    [
      { privateEndpointOverrides: [{ domain: 'a', privateEndpoint: lattice }] },
      /Leave privateEndpointOverrides out/,
    ],
    [{ certificateConfigurations: [{}] }, /NODE_EXTRA_CA_CERTS/],
    [{ clientAuthenticationMethod: 'AWS_IAM_ID_TOKEN_JWT' }, /is not served. Use CLIENT_SECRET_BASIC/],
    [exchange(config('AWS_IAM_ID_TOKEN_JWT')), /is not served. Use NONE/],
    [
      exchange({ onBehalfOfAuthenticationConfig: { clientAuthenticationMethod: 'NO_CLIENT' } }),
      /are not built/,
    ],
    [exchange(config('NONE'), 'JWT_AUTHORIZATION_GRANT'), /belongs to the grant type TOKEN_EXCHANGE/],
    [exchange(config('NONE', ['read'])), /Without an actor token/],
    [{ privateKeyJwtConfig: {} }, /belongs to the clientAuthenticationMethod PRIVATE_KEY_JWT/],
    [{ clientAuthenticationMethod: 'PRIVATE_KEY_JWT' }, /needs privateKeyJwtConfig/],
    [{ clientId: '' }, /clientId is missing/],
    [{ clientSecret: '' }, /A secret is missing/],
    [{ clientSecretSource: 'EXTERNAL' }, /Leave .*clientSecret out/],
    [{ clientSecretSource: 'EXTERNAL', clientSecret: undefined }, /needs .*clientSecretConfig/],
    [
      { clientSecretSource: 'MANAGED', clientSecretConfig: { secretId: 'a', jsonKey: 'b' } },
      /Leave one of them out/,
    ],
  ];
  for (const [more, message] of refused)
    await assert.rejects(
      fixture.operations.CreateOauth2CredentialProvider(
        oauthInput('custom', 'CustomOauth2', { ...customDiscovery, ...more }),
        caller,
      ),
      (error) => failure('validation', message)(error) && !String(error).includes(secretText),
      JSON.stringify(more),
    );
  assert.deepEqual(fixture.identity.vault.owners, []);
});

test('authorization servers are held to the same rule as issuers, each of their addresses', async () => {
  verifies('provider:destinations');
  await using fixture = await controlFixture({
    issuerProblem: (url) => (url.startsWith('https://') ? undefined : `The issuer ${url} is not https://.`),
  });
  const { CreateOauth2CredentialProvider: create } = fixture.operations;
  const metadata = {
    issuer: 'https://sso.example',
    authorizationEndpoint: 'https://sso.example/authorize',
    tokenEndpoint: 'https://sso.example/token',
  };
  for (const name of Object.keys(metadata)) {
    const authorizationServerMetadata = { ...metadata, [name]: 'http://127.0.0.1/x' };
    for (const input of [
      oauthInput('a', 'CustomOauth2', { oauthDiscovery: { authorizationServerMetadata } }),
      oauthInput('a', 'OktaOauth2', authorizationServerMetadata),
    ])
      await assert.rejects(create(input, caller), failure('validation', /is not https/), name);
  }
  const discoveryUrl = 'http://127.0.0.1/.well-known/openid-configuration';
  await assert.rejects(
    create(oauthInput('a', 'CustomOauth2', { oauthDiscovery: { discoveryUrl } }), caller),
    failure('validation', /is not https/),
  );
  // It may have a password before it.
  await assert.rejects(
    create(oauthInput('a', 'OktaOauth2', { issuer: 'https://me:hunter2@sso.example/#x' }), caller),
    failure('validation', /^(?!.*hunter2).*fragment/),
  );
});
