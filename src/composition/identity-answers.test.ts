import assert from 'node:assert/strict';
import { it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { shapeNamed, type ServiceOperation, type Shapes } from '../api/model/service-operation.ts';
import { caller } from '../api/control/testing/control-fixture.ts';
import { ringKeyArn } from '../identity/vault/ring-key.ts';
import { identityFixture, oauthProvider, returnUrl, userId } from './testing/identity-fixture.ts';
import { identityOperations } from './testing/provoked-errors.ts';

it('every answer has the members that the model requires, and the status of the model', async (context) => {
  verifies('identity:required-output', 'provider:operations', 'vault:operations');
  const { call, issuer, vault, workloadIdentityToken } = await identityFixture(context);
  const key = ringKeyArn(await vault.keyRing.create(caller.principal, 'symmetric', undefined));
  const signing = ringKeyArn(await vault.keyRing.create(caller.principal, 'ec-p256', undefined));
  const requests: Readonly<Record<string, readonly object[]>> = {
    CreateWorkloadIdentity: [{ name: 'second' }],
    GetWorkloadIdentity: [{ name: 'worker' }],
    UpdateWorkloadIdentity: [{ name: 'worker' }, { name: 'second', allowedResourceOauth2ReturnUrls: [] }],
    ListWorkloadIdentities: [{}, { maxResults: 1 }],
    CreateApiKeyCredentialProvider: [{ name: 'second', apiKey: 'a key' }],
    GetApiKeyCredentialProvider: [{ name: 'weather' }],
    UpdateApiKeyCredentialProvider: [{ name: 'weather', apiKey: 'another key' }],
    ListApiKeyCredentialProviders: [{}, { maxResults: 1 }],
    CreateOauth2CredentialProvider: [oauthProvider('second'), oauthProvider('third', signedBy(signing))],
    GetOauth2CredentialProvider: [{ name: 'docs' }, { name: 'third' }],
    UpdateOauth2CredentialProvider: [oauthProvider('docs'), oauthProvider('docs', {})],
    ListOauth2CredentialProviders: [{}, { maxResults: 1 }],
    GetTokenVault: [{}],
    SetTokenVaultCMK: [{ kmsConfiguration: { keyType: 'CustomerManagedKey', kmsKeyArn: key } }],
    GetWorkloadAccessToken: [{ workloadName: 'worker' }],
    GetWorkloadAccessTokenForJWT: [{ workloadName: 'worker', userToken: await issuer.sign() }],
    GetWorkloadAccessTokenForUserId: [{ workloadName: 'worker', userId }],
    GetResourceApiKey: [{ workloadIdentityToken, resourceCredentialProviderName: 'weather' }],
    GetResourceOauth2Token: [
      {
        ...{ workloadIdentityToken, resourceCredentialProviderName: 'docs', scopes: ['read'] },
        ...{ oauth2Flow: 'USER_FEDERATION', resourceOauth2ReturnUrl: returnUrl },
      },
    ],
    DeleteWorkloadIdentity: [{ name: 'second' }],
    DeleteApiKeyCredentialProvider: [{ name: 'second' }],
    DeleteOauth2CredentialProvider: [{ name: 'second' }],
  };
  for (const [name, inputs] of Object.entries(requests)) {
    const operation = identityOperations.find((one) => one.name === name) ?? assert.fail(name);
    for (const input of inputs) requireAnswer(operation, await call(name, input));
  }
  const others = identityOperations.filter(({ name }) => !(name in requests)).map(({ name }) => name);
  // Its answer is empty; the tests of the flows complete consents.
  assert.deepEqual(others, ['CompleteResourceTokenAuth']);
});

function requireAnswer({ name, status, output, shapes }: ServiceOperation, answer: object): void {
  assert.ok('$metadata' in answer);
  assert.equal(Object(answer.$metadata).httpStatusCode, status, name);
  for (const member of output.required ?? []) requireValue(answer, member, name);
  for (const [member, { shape }] of Object.entries(output.members))
    requireMembers(shapes, shape, valueOf(answer, member), `${name} ${member}`);
}

/** What is not there needs no members. */
function requireMembers(shapes: Shapes, name: string, value: unknown, path: string): void {
  if (value === undefined) return;
  const shape = shapeNamed(shapes, name);
  if (shape.type === 'list') {
    assert.ok(Array.isArray(value), path);
    for (const item of value) requireMembers(shapes, shape.member.shape, item, `${path}[]`);
  }
  if (shape.type !== 'structure') return;
  assert.ok(typeof value === 'object' && value !== null, path);
  for (const member of shape.required ?? []) requireValue(value, member, path);
  if (shape.union === true) assert.equal(Object.keys(value).length, 1, path);
  for (const [member, { shape: inner }] of Object.entries(shape.members))
    requireMembers(shapes, inner, valueOf(value, member), `${path}.${member}`);
}

function requireValue(holder: object, member: string, path: string): void {
  assert.notEqual(valueOf(holder, member), undefined, `${path} ${member}`);
}

function valueOf(holder: object, member: string): unknown {
  const found = Object.entries(holder).find(([name]) => name === member);
  return found?.[1];
}

function signedBy(kmsKeyArn: string) {
  return {
    clientAuthenticationMethod: 'PRIVATE_KEY_JWT',
    privateKeyJwtConfig: { privateKeySource: { kmsKeySource: { kmsKeyArn } }, signingAlgorithm: 'ES256' },
  };
}
