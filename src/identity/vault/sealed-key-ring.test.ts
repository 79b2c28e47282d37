import assert from 'node:assert/strict';
import { constants, createPublicKey, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { openDatabase } from '../../storage/database.ts';
import type { OauthSettings } from '../providers/oauth-settings.ts';
import { createKeyUse } from '../providers/sql-key-use.ts';
import { createSqlProviderStore } from '../providers/sql-provider-store.ts';
import type { AccountId } from '../../shared/ids.ts';
import type { SigningAlgorithm } from './key-ring.ts';
import { ringKeyArn, type RingKey, type RingKeySpec } from './ring-key.ts';
import { openTestVault, testScope } from './testing/vault-fixture.ts';

const data = Buffer.from('header.payload');

function isSignatureOf({ publicKey }: RingKey, algorithm: SigningAlgorithm, signature: Uint8Array): boolean {
  assert.ok(publicKey);
  const key = createPublicKey({ key: { ...publicKey }, format: 'jwk' });
  const forms = {
    RS256: {},
    PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
    ES256: { dsaEncoding: 'ieee-p1363' as const },
  };
  return verify('sha256', data, { key, ...forms[algorithm] }, signature);
}

describe('the key ring', () => {
  const kinds: readonly (readonly [RingKeySpec, readonly SigningAlgorithm[]])[] = [
    ['rsa-2048', ['RS256', 'PS256']],
    ['ec-p256', ['ES256']],
  ];
  for (const [spec, algorithms] of kinds) {
    it(`signs with a key of the kind ${spec}, so that its public JWK verifies it, before and after a rotation`, async () => {
      verifies('vault:key-ring', 'vault:rotate');
      const fixture = await openTestVault();
      const { keyRing, tokenVault } = fixture;
      const key = await keyRing.create(testScope, spec, 'for tests');
      const arn = ringKeyArn(key);
      for (let turn = 0; turn < 2; turn += 1) {
        for (const algorithm of algorithms) {
          await keyRing.requireSigningKey(testScope, arn, algorithm);
          const signature = await keyRing.sign(testScope, arn, algorithm, data);
          assert.ok(isSignatureOf(key, algorithm, signature));
          assert.equal(isSignatureOf(key, algorithm, Buffer.from(signature).reverse()), false);
        }
        await tokenVault.rotate(testScope);
        await fixture.runJobs();
      }
      assert.match(arn, /^arn:aws:kms:us-east-1:111122223333:key\/[0-9a-f-]{36}$/);
      assert.equal(key.publicKey?.['kid'], key.keyId);
    });
  }

  it('makes RSA keys of the length that was asked for', async () => {
    verifies('vault:key-ring');
    const { keyRing } = await openTestVault();
    const { publicKey } = await keyRing.create(testScope, 'rsa-3072', undefined);
    assert.equal(Buffer.from(publicKey?.['n'] ?? '', 'base64url').length, 3072 / 8);
  });

  it('refuses keys of another kind, and ARNs that are not of the ring, with what to do', async () => {
    verifies('vault:key-ring');
    const { keyRing } = await openTestVault();
    const rsa = ringKeyArn(await keyRing.create(testScope, 'rsa-2048', undefined));
    const symmetric = ringKeyArn(await keyRing.create(testScope, 'symmetric', undefined));
    for (const [arn, algorithm] of [
      [rsa, 'ES256'],
      [symmetric, 'RS256'],
    ] as const) {
      const refusal = { code: 'validation', message: /cannot sign with .* 'berth kms create --spec/ };
      await assert.rejects(keyRing.sign(testScope, arn, algorithm, data), refusal);
      await assert.rejects(keyRing.requireSigningKey(testScope, arn, algorithm), refusal);
    }
    const unknown = rsa.replace(/.{4}$/, '0000');
    await assert.rejects(keyRing.sign(testScope, unknown, 'RS256', data), { code: 'not-found' });
    for (const arn of [
      rsa.replace('us-east-1', 'eu-west-1'),
      rsa.replace('111122223333', '444455556666'),
      rsa.replace('arn:aws:', 'arn:aws-cn:'),
      'alias/mine',
    ])
      await assert.rejects(keyRing.requireSigningKey(testScope, arn, 'RS256'), {
        code: 'validation',
        message: /berth kms create/,
      });
    const elsewhere = { accountId: '444455556666' as AccountId, region: 'us-east-1' };
    await assert.rejects(keyRing.show(elsewhere, rsa.split('/')[1] ?? ''), { code: 'not-found' });
  });

  it('shows no private part, and keeps none in the clear', async () => {
    verifies('vault:key-ring', 'vault:copy');
    const { keyRing, database, clock } = await openTestVault();
    const made: RingKey[] = [];
    for (const spec of ['rsa-2048', 'ec-p256', 'symmetric'] as const) {
      made.push(await keyRing.create(testScope, spec, 'for tests'));
      await clock.advance(1);
    }
    assert.deepEqual(await keyRing.list(testScope), made);
    for (const key of made) {
      assert.deepEqual(await keyRing.show(testScope, ringKeyArn(key)), key);
      const { publicKey = {} } = key;
      assert.deepEqual(
        Object.keys(publicKey).filter((member) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(member)),
        [],
      );
      assert.equal('sealedKey' in key, false);
    }
    const rows = await database.selectFrom('kms_keys').select('sealed_key').execute();
    for (const { sealed_key: sealed } of rows) assert.match(sealed, /^v1\./);
  });

  it('does not delete a key that a credential provider signs with', async () => {
    verifies('vault:key-in-use');
    const database = await openDatabase(':memory:');
    const providers = createSqlProviderStore({ database });
    const { keyRing } = await openTestVault({ database, userOf: createKeyUse({ database }) });
    const [key, other] = [
      await keyRing.create(testScope, 'ec-p256', undefined),
      await keyRing.create(testScope, 'ec-p256', undefined),
    ];
    const arn = ringKeyArn(key);
    const settings: OauthSettings = {
      vendor: 'CustomOauth2',
      clientId: 'client',
      place: { kind: 'discovered', discovery: { kind: 'document', url: 'https://sso.example' } },
      clientAuthentication: {
        kind: 'private-key-jwt',
        keyArn: arn,
        algorithm: 'ES256',
        headerClaims: {},
        payloadClaims: {},
      },
      onBehalfOf: undefined,
    };
    const provider = { ...testScope, id: 'provider-1', kind: 'oauth2', name: 'sso', settings } as const;
    const rest = { secret: { kind: 'none' }, sealedSecret: undefined, callbackId: 'callback' } as const;
    const times = { revision: 1, createdAtMs: 0, lastUpdatedAtMs: 0 };
    await providers.insert(
      { ...provider, ...rest, ...times },
      { arn: 'arn', tags: {} },
      { providers: 1, managedSecrets: 1 },
    );

    await assert.rejects(keyRing.delete(testScope, key.keyId), {
      code: 'conflict',
      message: /used by the OAuth2 credential provider sso/,
    });
    await keyRing.sign(testScope, arn, 'ES256', data);
    await keyRing.delete(testScope, other.keyId);
    await providers.remove(testScope, 'oauth2', 'sso', 'arn');
    await keyRing.delete(testScope, key.keyId);
    await database.destroy();
  });

  it('deletes a key for good, but none that something needs', async () => {
    verifies('vault:key-in-use');
    const used = new Set<string>();
    const { keyRing, tokenVault } = await openTestVault({
      userOf: async (_scope, arn) => (used.has(arn) ? 'provider github' : undefined),
    });
    const key = await keyRing.create(testScope, 'ec-p256', undefined);
    const arn = ringKeyArn(key);
    used.add(arn);
    await assert.rejects(keyRing.delete(testScope, key.keyId), {
      code: 'conflict',
      message: /used by provider github/,
    });
    await keyRing.sign(testScope, arn, 'ES256', data);
    used.clear();
    assert.equal((await tokenVault.show(testScope)).dataKeys, 1);
    await keyRing.delete(testScope, arn);
    assert.equal((await tokenVault.show(testScope)).dataKeys, 0);
    await assert.rejects(keyRing.sign(testScope, arn, 'ES256', data), { code: 'not-found' });
    await assert.rejects(keyRing.delete(testScope, arn), { code: 'not-found' });
  });
});
