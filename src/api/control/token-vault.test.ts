import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  GetTokenVaultCommand,
  SetTokenVaultCMKCommand,
  ValidationException,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { verifies } from '../../../test/requirements.ts';
import { ringKeyArn } from '../../identity/vault/ring-key.ts';
import { caller } from './testing/control-fixture.ts';
import { startControlServer } from './testing/control-server.ts';

const scope = caller.principal;

function customer(kmsKeyArn?: string) {
  return new SetTokenVaultCMKCommand({ kmsConfiguration: { keyType: 'CustomerManagedKey', kmsKeyArn } });
}

describe('GetTokenVault and SetTokenVaultCMK, called by the AWS SDK', () => {
  it('answer what the model says, and the key that was set', async (context) => {
    verifies('vault:operations', 'vault:customer-key');
    const { client, vault, clock, settle } = await startControlServer(context);
    const sdk = client();
    const first = await sdk.send(new GetTokenVaultCommand({}));
    assert.equal(first.tokenVaultId, 'default');
    assert.deepEqual(first.kmsConfiguration, { keyType: 'ServiceManagedKey' });
    assert.equal(first.lastModifiedDate?.getTime(), clock.now());

    const arn = ringKeyArn(await vault.keyRing.create(scope, 'symmetric', undefined));
    await vault.vault.createKey(scope, 'provider-1');
    const sealed = await vault.vault.seal('provider-1', ['api key'], 'secret');
    await clock.advance(5_000);
    const set = await sdk.send(customer(arn));
    const got = await sdk.send(new GetTokenVaultCommand({ tokenVaultId: 'default' }));
    assert.deepEqual(got.kmsConfiguration, { keyType: 'CustomerManagedKey', kmsKeyArn: arn });
    assert.deepEqual(
      [set.tokenVaultId, set.kmsConfiguration, set.lastModifiedDate],
      [got.tokenVaultId, got.kmsConfiguration, got.lastModifiedDate],
    );
    assert.equal(got.lastModifiedDate?.getTime(), clock.now());
    await settle();
    assert.equal((await vault.tokenVault.show(scope)).dataKeysToMove, 0);
    assert.equal(await vault.vault.open('provider-1', ['api key'], sealed), 'secret');

    const back = await sdk.send(
      new SetTokenVaultCMKCommand({ kmsConfiguration: { keyType: 'ServiceManagedKey' } }),
    );
    assert.deepEqual(back.kmsConfiguration, { keyType: 'ServiceManagedKey' });
    await settle();
    assert.equal(await vault.vault.open('provider-1', ['api key'], sealed), 'secret');
  });

  it('refuse a key that is not of the ring, or cannot do it, with what to do', async (context) => {
    verifies('vault:operations', 'vault:customer-key');
    const { client, vault } = await startControlServer(context);
    const sdk = client();
    const own = ringKeyArn(await vault.keyRing.create(scope, 'symmetric', undefined));
    const signing = ringKeyArn(await vault.keyRing.create(scope, 'ec-p256', undefined));
    for (const [arn, told] of [
      [undefined, /needs the ARN .*berth kms create/],
      [own.replace(/.{4}$/, '0000'), /There is no key .*berth kms create/],
      [own.replace('us-east-1', 'eu-west-1'), /no key of this server.*keys of AWS cannot be used/],
      [own.replace('111122223333', '444455556666'), /no key of this server/],
      [signing, /ec-p256, which signs: .*berth kms create --spec symmetric/],
      ['arn:aws:kms:us-east-1:111122223333:alias/mine', /kmsKeyArn/],
    ] as const)
      await assert.rejects(sdk.send(customer(arn)), (error) => {
        assert.ok(error instanceof ValidationException, String(error));
        assert.match(error.message, told);
        assert.deepEqual(
          error.fieldList?.map(({ name }) => name),
          ['kmsConfiguration.kmsKeyArn'],
        );
        return true;
      });
    const both = new SetTokenVaultCMKCommand({
      kmsConfiguration: { keyType: 'ServiceManagedKey', kmsKeyArn: own },
    });
    await assert.rejects(sdk.send(both), { name: 'ValidationException', message: /leave the ARN out/ });
    const { kmsConfiguration } = await sdk.send(new GetTokenVaultCommand({}));
    assert.deepEqual(kmsConfiguration, { keyType: 'ServiceManagedKey' });
  });

  it('know one vault, and let only those change it who may', async (context) => {
    verifies('vault:operations');
    const { client } = await startControlServer(context);
    const [admin, invoker] = [client(), client('invoker')];
    const service = { kmsConfiguration: { keyType: 'ServiceManagedKey' } } as const;
    for (const command of [
      new GetTokenVaultCommand({ tokenVaultId: 'other' }),
      new SetTokenVaultCMKCommand({ tokenVaultId: 'other', ...service }),
    ])
      await assert.rejects(admin.send(command as GetTokenVaultCommand), {
        name: 'ResourceNotFoundException',
        message: /no token vault other.*default/,
      });
    const denied = { name: 'AccessDeniedException' };
    await assert.rejects(invoker.send(new GetTokenVaultCommand({})), denied);
    await assert.rejects(invoker.send(new SetTokenVaultCMKCommand(service)), denied);
    await assert.rejects(admin.send(new GetTokenVaultCommand({ tokenVaultId: 'a b' })), {
      name: 'ValidationException',
    });
  });

  it('refuse one of two changes at the same time', async (context) => {
    verifies('vault:operations');
    const { vault, operations } = await startControlServer(context);
    const arns = [
      ringKeyArn(await vault.keyRing.create(scope, 'symmetric', undefined)),
      ringKeyArn(await vault.keyRing.create(scope, 'symmetric', undefined)),
    ];
    const results = await Promise.allSettled(
      arns.map((kmsKeyArn) =>
        operations.SetTokenVaultCMK(
          { kmsConfiguration: { keyType: 'CustomerManagedKey', kmsKeyArn } },
          caller,
        ),
      ),
    );
    assert.deepEqual(results.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  });

  it('throttle, and hide what goes wrong inside', async (context) => {
    verifies('vault:operations');
    const { client, vault, database, unexpected } = await startControlServer(context, {
      rates: { identityControlRate: 1 },
    });
    const sdk = client();
    const key = await vault.keyRing.create(scope, 'symmetric', undefined);
    await database.updateTable('kms_keys').set({ sealed_key: 'v1.damaged' }).execute();
    await assert.rejects(sdk.send(customer(ringKeyArn(key))), (error: Error) => {
      assert.equal(error.name, 'InternalServerException');
      assert.doesNotMatch(error.message, /sealed|kms/);
      return true;
    });
    assert.equal(unexpected.length, 1);
    await assert.rejects(sdk.send(customer(ringKeyArn(key))), { name: 'ThrottlingException' });
    await sdk.send(new GetTokenVaultCommand({}));
    await assert.rejects(sdk.send(new GetTokenVaultCommand({})), { name: 'ThrottlingException' });
  });
});
