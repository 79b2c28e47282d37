import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { caller } from '../api/control/testing/control-fixture.ts';
import { secretText } from '../api/control/testing/provider-inputs.ts';
import { ringKeyArn } from '../identity/vault/ring-key.ts';
import { documentedAsImpossible } from './testing/documented-errors.ts';
import { type IdentityFixture, identityFixture, oauthProvider } from './testing/identity-fixture.ts';
import { identityOperations, isUnbuilt, ProvokedErrors } from './testing/provoked-errors.ts';

const provoked = new ProvokedErrors('control');

/** One of each operation that would be answered. */
const requests = {
  CreateWorkloadIdentity: { name: 'new-worker' },
  GetWorkloadIdentity: { name: 'worker' },
  UpdateWorkloadIdentity: { name: 'worker', allowedResourceOauth2ReturnUrls: [] },
  DeleteWorkloadIdentity: { name: 'worker' },
  ListWorkloadIdentities: {},
  CreateApiKeyCredentialProvider: { name: 'new', apiKey: secretText },
  GetApiKeyCredentialProvider: { name: 'weather' },
  UpdateApiKeyCredentialProvider: { name: 'weather', apiKey: secretText },
  DeleteApiKeyCredentialProvider: { name: 'weather' },
  ListApiKeyCredentialProviders: {},
  CreateOauth2CredentialProvider: oauthProvider('new'),
  GetOauth2CredentialProvider: { name: 'docs' },
  UpdateOauth2CredentialProvider: oauthProvider('docs'),
  DeleteOauth2CredentialProvider: { name: 'docs' },
  ListOauth2CredentialProviders: {},
  GetTokenVault: {},
  SetTokenVaultCMK: { kmsConfiguration: { keyType: 'ServiceManagedKey' } },
};
const operations = Object.entries(requests);

type Inputs = Readonly<Partial<Record<keyof typeof requests, object>>>;

async function expectEach(fixture: IdentityFixture, error: string, inputs: Inputs): Promise<void> {
  for (const [operation, input] of Object.entries(inputs))
    await provoked.expect(error, operation, fixture.call(operation, input));
}

describe("each error that the service model lists for Identity's control operations", () => {
  it('UnauthorizedException, for a bearer token', async (context) => {
    verifies('identity:unauthorized');
    const fixture = await identityFixture(context);
    for (const [operation, input] of operations)
      await provoked.expect('UnauthorizedException', operation, fixture.call(operation, input, 'bearer'));
  });

  it('AccessDeniedException, for a key that may not', async (context) => {
    const fixture = await identityFixture(context);
    for (const [operation, input] of operations)
      await provoked.expect('AccessDeniedException', operation, fixture.call(operation, input, 'invoke'));
  });

  it('ThrottlingException, over the rate of the operation alone', async (context) => {
    verifies('identity:rates');
    const fixture = await identityFixture(context, { rates: { identityControlRate: 1 } });
    for (const [operation, input] of operations) {
      await fixture.call(operation, input);
      await provoked.expect('ThrottlingException', operation, fixture.call(operation, input));
    }
  });

  it('InternalServerException, for a store that fails, without what failed', async (context) => {
    const fixture = await identityFixture(context);
    for (const table of ['workload_identities', 'credential_providers', 'vault_wrapping_keys'])
      await fixture.database.schema.alterTable(table).renameTo(`lost_${table}`).execute();
    for (const [operation, input] of operations) {
      const call = fixture.call(operation, input);
      await provoked.expect('InternalServerException', operation, call);
      await assert.rejects(call, (error: Error) => !/table|sql/i.test(error.message));
    }
    assert.equal(fixture.unexpected.length, operations.length);
  });

  it('ValidationException', async (context) => {
    const fixture = await identityFixture(context);
    const name = 'no such form!';
    await expectEach(fixture, 'ValidationException', {
      CreateWorkloadIdentity: { name: 'ab' },
      GetWorkloadIdentity: { name },
      UpdateWorkloadIdentity: { name },
      DeleteWorkloadIdentity: { name },
      ListWorkloadIdentities: { maxResults: 21 },
      CreateApiKeyCredentialProvider: { name: 'new', apiKey: '' },
      GetApiKeyCredentialProvider: { name },
      UpdateApiKeyCredentialProvider: { name: 'weather' },
      DeleteApiKeyCredentialProvider: { name },
      ListApiKeyCredentialProviders: { nextToken: 'made-up' },
      CreateOauth2CredentialProvider: { ...oauthProvider('new'), credentialProviderVendor: 'GithubOauth2' },
      GetOauth2CredentialProvider: { name },
      UpdateOauth2CredentialProvider: oauthProvider('docs', { clientId: '' }),
      DeleteOauth2CredentialProvider: { name },
      ListOauth2CredentialProviders: { maxResults: 0 },
      GetTokenVault: { tokenVaultId: 'no such form!' },
      SetTokenVaultCMK: { kmsConfiguration: { keyType: 'CustomerManagedKey' } },
    });
  });

  it('ResourceNotFoundException, also for a secret or a key that a new provider names', async (context) => {
    verifies('provider:external', 'provider:errors');
    const secretsFolder = await newSecretsFolder(context);
    const fixture = await identityFixture(context, { secretsFolder });
    const name = 'nobody';
    const kmsKeyArn = ringKeyArn({ ...caller.principal, keyId: '11111111-2222-4333-8444-555555555555' });
    const privateKey = {
      clientAuthenticationMethod: 'PRIVATE_KEY_JWT',
      privateKeyJwtConfig: {
        privateKeySource: { kmsKeySource: { kmsKeyArn } },
        signingAlgorithm: 'RS256',
      },
    };
    await expectEach(fixture, 'ResourceNotFoundException', {
      GetWorkloadIdentity: { name },
      UpdateWorkloadIdentity: { name, allowedResourceOauth2ReturnUrls: [] },
      DeleteWorkloadIdentity: { name },
      CreateApiKeyCredentialProvider: { name: 'new', ...external('absent') },
      GetApiKeyCredentialProvider: { name },
      UpdateApiKeyCredentialProvider: { name, apiKey: secretText },
      DeleteApiKeyCredentialProvider: { name },
      CreateOauth2CredentialProvider: oauthProvider('new', privateKey),
      GetOauth2CredentialProvider: { name },
      UpdateOauth2CredentialProvider: oauthProvider(name),
      DeleteOauth2CredentialProvider: { name },
      GetTokenVault: { tokenVaultId: 'other' },
      SetTokenVaultCMK: { ...requests.SetTokenVaultCMK, tokenVaultId: 'other' },
    });
  });

  it('ConflictException, for a taken name and an update that was overtaken', async (context) => {
    verifies('provider:conflicts', 'identity:conflicts');
    const fixture = await identityFixture(context);
    await expectEach(fixture, 'ConflictException', {
      CreateWorkloadIdentity: { name: 'worker' },
      CreateApiKeyCredentialProvider: { name: 'weather', apiKey: secretText },
      CreateOauth2CredentialProvider: oauthProvider('docs'),
    });
    for (const operation of ['UpdateApiKeyCredentialProvider', 'UpdateOauth2CredentialProvider'] as const)
      await provoked.expect(
        'ConflictException',
        operation,
        fixture.atOnce(operation, [requests[operation], requests[operation]]),
      );
  });

  it("ConcurrentModificationException, for one of two changes of the vault's key", async (context) => {
    verifies('vault:operations');
    const fixture = await identityFixture(context);
    const ring = [0, 1].map(() => fixture.vault.keyRing.create(caller.principal, 'symmetric', undefined));
    const arns = (await Promise.all(ring)).map(ringKeyArn);
    const changes = fixture.atOnce(
      'SetTokenVaultCMK',
      arns.map((kmsKeyArn) => ({ kmsConfiguration: { keyType: 'CustomerManagedKey', kmsKeyArn } })),
    );
    await provoked.expect('ConcurrentModificationException', 'SetTokenVaultCMK', changes);
  });

  it('EncryptionFailure, while the keeper of the vault key is away', async (context) => {
    verifies('provider:errors');
    const fixture = await identityFixture(context);
    await fixture.database
      .updateTable('vault_wrapping_keys')
      .set({ transit_key: 'transit/berth', sealed_key: null })
      .execute();
    await expectEach(fixture, 'EncryptionFailure', {
      CreateApiKeyCredentialProvider: requests.CreateApiKeyCredentialProvider,
      UpdateApiKeyCredentialProvider: requests.UpdateApiKeyCredentialProvider,
      CreateOauth2CredentialProvider: requests.CreateOauth2CredentialProvider,
      UpdateOauth2CredentialProvider: requests.UpdateOauth2CredentialProvider,
    });
    const listed = await fixture.call('ListApiKeyCredentialProviders', {});
    assert.ok('credentialProviders' in listed && Array.isArray(listed.credentialProviders));
    assert.equal(listed.credentialProviders.length, 1);
  });

  it('DecryptionFailure, when a key that is kept cannot be opened any more', async (context) => {
    verifies('provider:errors', 'provider:decryptable');
    const fixture = await identityFixture(context);
    await fixture.database.updateTable('vault_wrapping_keys').set({ sealed_key: 'v1.damaged' }).execute();
    const { GetTokenVault: _vault, SetTokenVaultCMK: _set, ...ofProviders } = requests;
    const opening = Object.entries(ofProviders).filter(([name]) =>
      /^(Create|Get|Update).*Provider$/.test(name),
    );
    assert.equal(opening.length, 6);
    await expectEach(fixture, 'DecryptionFailure', Object.fromEntries(opening));
  });

  it('ServiceQuotaExceededException and ResourceLimitExceededException, over a quota', async (context) => {
    verifies('provider:quotas', 'provider:secret-quota', 'identity:quotas');
    const few = await identityFixture(context, {
      quotas: { apiKeyProviders: 1, oauthProviders: 1, workloadIdentities: 1 },
    });
    const { CreateApiKeyCredentialProvider, CreateOauth2CredentialProvider } = requests;
    const creations = { CreateApiKeyCredentialProvider, CreateOauth2CredentialProvider };
    await expectEach(few, 'ServiceQuotaExceededException', creations);
    // The model has nothing for it.
    const identity = few.call('CreateWorkloadIdentity', requests.CreateWorkloadIdentity);
    await assert.rejects(identity, { name: 'ServiceQuotaExceededException' });

    const secretsFolder = await newSecretsFolder(context);
    const full = await identityFixture(context, { quotas: { managedSecrets: 2 }, secretsFolder });
    await expectEach(full, 'ResourceLimitExceededException', creations);
    await full.call('CreateApiKeyCredentialProvider', { name: 'kept', ...external('kept') });
    const reference = { secretId: 'kept', jsonKey: 'key' };
    const source = { clientSecretSource: 'EXTERNAL', clientSecretConfig: reference };
    await full.call('CreateOauth2CredentialProvider', oauthProvider('kept', source));
    await expectEach(full, 'ServiceQuotaExceededException', {
      UpdateApiKeyCredentialProvider: { name: 'kept', apiKey: secretText },
      UpdateOauth2CredentialProvider: oauthProvider('kept'),
    });
    await full.call('UpdateApiKeyCredentialProvider', requests.UpdateApiKeyCredentialProvider);
    await full.call('DeleteApiKeyCredentialProvider', { name: 'weather' });
    await full.call('UpdateApiKeyCredentialProvider', { name: 'kept', apiKey: secretText });
  });

  it('and no other, but those that the documentation says cannot happen', async (context) => {
    verifies('identity:modelled-errors');
    assert.deepEqual(provoked.unseen, await documentedAsImpossible('control'));
    const { operations: built } = await identityFixture(context);
    assert.ok(identityOperations.every(({ name }) => name in built));
    assert.deepEqual(Object.keys(built).filter(isUnbuilt), []);
  });
});

function external(secretId: string) {
  return { apiKeySecretSource: 'EXTERNAL', apiKeySecretConfig: { secretId, jsonKey: 'key' } };
}

/** With the secret `kept`. */
async function newSecretsFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-secrets-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'kept.json'), JSON.stringify({ key: 'the key' }), { mode: 0o600 });
  return folder;
}
