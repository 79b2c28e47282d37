import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { verifies } from '../../../test/requirements.ts';
import { startAdminApi } from './testing/admin-fixture.ts';

const root = '/berth/v1';

const keySchema = z.looseObject({
  arn: z.string(),
  spec: z.string(),
  description: z.string(),
  publicKey: z.looseObject({ kty: z.string() }),
});
const vaultSchema = z.looseObject({ version: z.number(), createdAtMs: z.number() });

describe("the vault and the key ring in Berth's own API", () => {
  it('tells the version of the key and who keeps it, and rotates it', async (context) => {
    verifies('vault:rotate');
    const { call } = await startAdminApi(context);
    const shown = vaultSchema.parse(await (await call('GET', `${root}/vault`)).json());
    const { createdAtMs, ...rest } = shown;
    assert.deepEqual(rest, {
      version: 1,
      keeper: 'server',
      dataKeys: 0,
      dataKeysToMove: 0,
      isTransitUnused: false,
    });
    assert.ok(createdAtMs > 0);
    // The private half of a signing key is kept in the vault.
    assert.equal((await call('POST', `${root}/kms/keys`, { body: { spec: 'ec-p256' } })).status, 201);
    const rotated = vaultSchema.parse(await (await call('POST', `${root}/vault/rotate`)).json());
    assert.deepEqual([rotated.version, rotated['dataKeys'], rotated['dataKeysToMove']], [2, 1, 1]);
  });

  it('makes, lists, shows and deletes keys of the ring, by ARN or id', async (context) => {
    verifies('vault:key-ring');
    const { call } = await startAdminApi(context);
    const body = { spec: 'rsa-2048', description: 'client assertions' };
    const made = keySchema.parse(await (await call('POST', `${root}/kms/keys`, { body })).json());
    assert.deepEqual(
      [made.spec, made.description, made.publicKey.kty],
      ['rsa-2048', body.description, 'RSA'],
    );
    assert.deepEqual(await (await call('GET', `${root}/kms/keys`)).json(), { keys: [made] });
    const id = made.arn.split('/')[1] ?? '';
    for (const name of [id, encodeURIComponent(made.arn)])
      assert.deepEqual(await (await call('GET', `${root}/kms/keys/${name}`)).json(), made);
    assert.equal((await call('DELETE', `${root}/kms/keys/${id}`)).status, 204);
    assert.equal((await call('GET', `${root}/kms/keys/${id}`)).status, 404);
    assert.equal((await call('GET', `${root}/kms/keys/mine`)).status, 400);
    for (const wrong of [{}, { spec: 'rsa-1024' }, { ...body, more: 1 }])
      assert.equal((await call('POST', `${root}/kms/keys`, { body: wrong })).status, 400);
  });

  it('is for admins', async (context) => {
    verifies('vault:rotate', 'vault:key-ring');
    const { call, accessKeys } = await startAdminApi(context);
    const key = await accessKeys.create('invoker', 'web');
    for (const [method, path] of [
      ['GET', '/vault'],
      ['POST', '/vault/rotate'],
      ['GET', '/kms/keys'],
      ['POST', '/kms/keys'],
    ] as const)
      assert.equal((await call(method, `${root}${path}`, { key })).status, 403, path);
  });
});
