import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { caller, contextOf, controlFixture, failure } from './testing/control-fixture.ts';
import { customDiscovery, oauthInput, secretText } from './testing/provider-inputs.ts';

test('an update brings in a new secret, and what users granted stays good', async () => {
  verifies('provider:rotation');
  await using fixture = await controlFixture();
  const { operations, identity } = fixture;
  const { credentials } = identity.parts;
  await operations.CreateOauth2CredentialProvider(oauthInput('p', 'GithubOauth2'), caller);
  const before = await credentials.findOauth(caller.principal, 'p');
  assert.equal(await credentials.secretOf(before), secretText);
  await operations.UpdateOauth2CredentialProvider(
    oauthInput('p', 'GithubOauth2', { clientSecret: 'new' }),
    caller,
  );
  // Also for a flow that began before.
  assert.equal(await credentials.secretOf(before), 'new');
  const after = await credentials.findByCallback(before.callbackId);
  assert.equal(after?.id, before.id);
  assert.deepEqual(identity.revoked, []);
});

test('a secret that is kept is never sent to another authorization server, and grants end with a move', async () => {
  verifies('provider:kept-secret');
  await using fixture = await controlFixture();
  const { operations, identity } = fixture;
  const { credentials } = identity.parts;
  const { UpdateOauth2CredentialProvider: update } = operations;
  await operations.CreateOauth2CredentialProvider(oauthInput('p', 'CustomOauth2', customDiscovery), caller);
  const keeping = { ...customDiscovery, clientSecret: undefined };
  await update(oauthInput('p', 'CustomOauth2', { ...keeping, clientId: 'other' }), caller);
  const provider = await credentials.findOauth(caller.principal, 'p');
  assert.equal(provider.clientId, 'other');
  assert.equal(await credentials.secretOf(provider), secretText);
  const moved = { oauthDiscovery: { discoveryUrl: 'https://evil.example/.well-known/openid-configuration' } };
  for (const [vendor, more] of [
    ['CustomOauth2', moved],
    ['GithubOauth2', {}],
  ] as const)
    await assert.rejects(
      update(oauthInput('p', vendor, { ...more, clientSecret: undefined }), caller),
      failure('validation', /Give the secret for it/),
    );
  assert.deepEqual(identity.revoked, []);
  await update(oauthInput('p', 'CustomOauth2', { ...moved, clientSecret: 'for-the-other' }), caller);
  assert.deepEqual(identity.revoked, [provider.id]);
});

test('a secret is not given to a flow that is still on its way to the server of before', async () => {
  verifies('provider:kept-secret');
  await using fixture = await controlFixture();
  const { operations, identity } = fixture;
  const { credentials } = identity.parts;
  await operations.CreateOauth2CredentialProvider(oauthInput('p', 'CustomOauth2', customDiscovery), caller);
  const before = await credentials.findOauth(caller.principal, 'p');
  const moved = { oauthDiscovery: { discoveryUrl: 'https://new.example/.well-known/openid-configuration' } };
  const clientSecret = 'for-the-new-one';
  await operations.UpdateOauth2CredentialProvider(
    oauthInput('p', 'CustomOauth2', { ...moved, clientSecret }),
    caller,
  );
  await assert.rejects(
    credentials.secretOf(before),
    failure('access-denied', /another authorization server/),
  );
  const after = await credentials.findOauth(caller.principal, 'p');
  assert.equal(await credentials.secretOf(after), clientSecret);
});

test('only the addresses of a server say whether it is another one', async () => {
  verifies('provider:kept-secret');
  await using fixture = await controlFixture();
  const { operations, identity } = fixture;
  const metadata = {
    issuer: 'https://sso.example',
    authorizationEndpoint: 'https://sso.example/authorize',
    tokenEndpoint: 'https://sso.example/token',
  };
  const input = (changes: object, clientSecret?: string) =>
    oauthInput('p', 'CustomOauth2', {
      clientSecret,
      oauthDiscovery: { authorizationServerMetadata: { ...metadata, ...changes } },
    });
  await operations.CreateOauth2CredentialProvider(input({}, secretText), caller);
  const { UpdateOauth2CredentialProvider: update } = operations;
  await update(input({ tokenEndpointAuthMethods: ['client_secret_post'], responseTypes: ['code'] }), caller);
  for (const name of Object.keys(metadata))
    await assert.rejects(
      update(input({ [name]: 'https://evil.example' }), caller),
      failure('validation', /Give the secret for it/),
      name,
    );
  assert.deepEqual(identity.revoked, []);
});

test('deleting destroys the key and the grants; a new one of the same name is another', async () => {
  verifies('provider:deleted');
  await using fixture = await controlFixture();
  const { operations, identity } = fixture;
  const { credentials } = identity.parts;
  await operations.CreateOauth2CredentialProvider(oauthInput('p', 'GithubOauth2'), caller);
  const old = await credentials.findOauth(caller.principal, 'p');
  await operations.DeleteOauth2CredentialProvider({ name: 'p' }, caller);
  assert.deepEqual(identity.vault.owners, []);
  assert.deepEqual(identity.revoked, [old.id]);
  assert.equal(await credentials.findByCallback(old.callbackId), undefined);
  await assert.rejects(credentials.secretOf(old), failure('not-found'));
  await operations.CreateOauth2CredentialProvider(oauthInput('p', 'GithubOauth2'), caller);
  const made = await credentials.findOauth(caller.principal, 'p');
  assert.notEqual(made.id, old.id);
  assert.notEqual(made.callbackId, old.callbackId);
  await assert.rejects(credentials.secretOf(old), failure('not-found'));
});

test('a delete that fails half-way has done nothing', async () => {
  verifies('provider:deleted');
  await using fixture = await controlFixture();
  const { operations, identity } = fixture;
  await operations.CreateOauth2CredentialProvider(
    { ...oauthInput('p', 'GithubOauth2'), tags: { a: 'b' } },
    caller,
  );
  identity.vault.destroyKey = () => Promise.reject(new Error('the disk is gone'));
  await assert.rejects(operations.DeleteOauth2CredentialProvider({ name: 'p' }, caller), /disk is gone/);
  const { credentialProviderArn: resourceArn } = await operations.GetOauth2CredentialProvider(
    { name: 'p' },
    caller,
  );
  assert.deepEqual((await operations.ListTagsForResource({ resourceArn }, caller)).tags, { a: 'b' });
});

test('a taken name, and an update that another one overtook, are conflicts; other regions do not matter', async () => {
  verifies('provider:conflicts', 'control:scope');
  await using fixture = await controlFixture();
  const { operations, identity } = fixture;
  const { CreateOauth2CredentialProvider: create, UpdateOauth2CredentialProvider: update } = operations;
  const input = oauthInput('p', 'GithubOauth2');
  const both = await Promise.allSettled([create(input, caller), create(input, caller)]);
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  assert.equal(identity.vault.owners.length, 1, 'the one that lost leaves no key');
  await assert.rejects(create(input, caller), failure('conflict', /already exists/));
  const updates = await Promise.allSettled([update(input, caller), update(input, caller)]);
  const lost = updates.filter((result) => result.status === 'rejected');
  assert.equal(lost.length, 1);
  assert.ok(failure('conflict', /at the same time/)(lost[0]?.reason));
  const elsewhere = contextOf('111122223333', 'eu-west-1');
  await assert.rejects(
    operations.GetOauth2CredentialProvider({ name: 'p' }, elsewhere),
    failure('not-found'),
  );
  await create(input, elsewhere);
});

test('a vault whose keys are away refuses new secrets, and keeps nothing of them', async () => {
  verifies('provider:errors');
  await using fixture = await controlFixture();
  const { operations, identity } = fixture;
  const input = oauthInput('p', 'GithubOauth2');
  identity.vault.isDown = true;
  await assert.rejects(
    operations.CreateOauth2CredentialProvider(input, caller),
    failure('encryption-failed'),
  );
  identity.vault.isDown = false;
  await operations.CreateOauth2CredentialProvider(input, caller);
  identity.vault.isDown = true;
  await assert.rejects(
    operations.UpdateOauth2CredentialProvider(input, caller),
    failure('encryption-failed'),
  );
  await assert.rejects(
    operations.UpdateOauth2CredentialProvider(
      oauthInput('p', 'GithubOauth2', { clientSecret: undefined }),
      caller,
    ),
    failure('decryption-failed', /update the provider with its secret/),
  );
});
