import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { AccountId } from '../../shared/ids.ts';
import { openDatabase } from '../../storage/database.ts';
import { loadServerIdentity } from '../../storage/server-identity.ts';
import { systemRandom } from '../../shared/ids.ts';
import { openAll, openTestVault, sealFor, secretsOf, testScope } from './testing/vault-fixture.ts';

const owner = 'provider-1';
const binding = ['grant', 'workload', 'ann', 'calendar.read'];

describe('the vault', () => {
  it('opens a secret for the owner and binding that it was sealed for, and for no other', async () => {
    verifies('vault:sealed');
    const { vault } = await openTestVault();
    await sealFor({ vault }, [owner, 'provider-2']);
    const sealed = await vault.seal(owner, binding, 'the token');

    assert.equal(await vault.open(owner, binding, sealed), 'the token');
    for (const other of [
      ['grant', 'workload', 'bob', 'calendar.read'],
      ['grant', 'workload', 'ann'],
      ['grant', 'workload","ann', 'calendar.read'],
      ['grant', 'workloadann', 'calendar.read'],
      [],
    ])
      await assert.rejects(vault.open(owner, other, sealed), { code: 'internal' });
    await assert.rejects(vault.open('provider-2', binding, sealed), { code: 'internal' });
    const changed = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`;
    await assert.rejects(vault.open(owner, binding, changed), { code: 'internal' });
  });

  it('tells nothing of the binding or the secret when it cannot open', async () => {
    verifies('vault:sealed');
    const { vault } = await openTestVault();
    await vault.createKey(testScope, owner);
    const sealed = await vault.seal(owner, ['ann@example.com'], 'the token');

    await assert.rejects(vault.open(owner, ['bob@example.com'], sealed), (error: Error) => {
      assert.doesNotMatch(
        JSON.stringify([error.message, error.stack, error.cause]),
        /example\.com|the token/,
      );
      return true;
    });
  });

  it('gives every owner a key of its own, once, also when it is asked for twice at the same time', async () => {
    verifies('vault:sealed');
    const { vault, database } = await openTestVault();
    await Promise.all([1, 2, 3].map(() => vault.createKey(testScope, owner)));
    const sealed = await vault.seal(owner, binding, 'first');
    await vault.createKey(testScope, owner);

    assert.equal(await vault.open(owner, binding, sealed), 'first');
    const versions = await database.selectFrom('vault_wrapping_keys').select('version').execute();
    assert.deepEqual(
      versions.map(({ version }) => version),
      [1],
    );
  });

  it('opens nothing of an owner whose key was destroyed, though all else of it was kept', async () => {
    verifies('vault:destroyed');
    const { vault } = await openTestVault();
    const sealed = await sealFor({ vault }, [owner, 'provider-2']);
    await vault.destroyKey(owner);
    await vault.destroyKey(owner);

    await assert.rejects(vault.open(owner, ['api key'], sealed.get(owner) ?? ''), { code: 'not-found' });
    await assert.rejects(vault.seal(owner, ['api key'], 'another'), { code: 'not-found' });
    await vault.createKey(testScope, owner);
    await assert.rejects(vault.open(owner, ['api key'], sealed.get(owner) ?? ''), { code: 'internal' });
    assert.equal(
      await vault.open('provider-2', ['api key'], sealed.get('provider-2') ?? ''),
      'secret of provider-2',
    );
  });

  it('keeps the keys of accounts and regions apart', async () => {
    verifies('vault:sealed');
    const { vault, tokenVault, database } = await openTestVault();
    const elsewhere = { accountId: '444455556666' as AccountId, region: 'eu-west-1' };
    await vault.createKey(testScope, owner);
    await vault.createKey(elsewhere, 'provider-2');
    const sealed = await vault.seal('provider-2', binding, 'there');
    await tokenVault.rotate(testScope);

    assert.equal(await vault.open('provider-2', binding, sealed), 'there');
    assert.equal((await tokenVault.get(elsewhere)).version, 1);
    await database
      .updateTable('vault_data_keys')
      .set({ wrapped_key: '' })
      .where('owner', '=', owner)
      .execute();
    assert.equal(await vault.open('provider-2', binding, sealed), 'there');
  });
});

describe('a copy of the database', () => {
  it('opens with its master key, and with no other; no secret is in it in the clear', async () => {
    verifies('vault:copy');
    const folder = await mkdtemp(join(tmpdir(), 'berth-vault-'));
    try {
      const path = join(folder, 'berth.db');
      const database = await openDatabase(path);
      const masterKey = systemRandom(32);
      const server = await loadServerIdentity(database, { current: masterKey }, systemRandom);
      const fixture = await openTestVault({ database, sealedBox: server.sealedBox });
      const signing = await fixture.keyRing.create(testScope, 'ec-p256', undefined);
      const symmetric = await fixture.keyRing.create(testScope, 'symmetric', undefined);
      const sealed = await sealFor(fixture, [owner, 'provider-2']);
      await fixture.tokenVault.setKeeper(testScope, { kind: 'key-ring', keyId: symmetric.keyId });
      await fixture.runJobs();
      await database
        .insertInto('settings')
        .values([...sealed].map(([name, value]) => ({ name, value })))
        .execute();
      await database.destroy();
      await copyFile(path, join(folder, 'copy.db'));

      const bytes = await readFile(join(folder, 'copy.db'), 'latin1');
      assert.doesNotMatch(bytes, /secret of provider/);
      assert.match(bytes, /v1\.[\w-]+/);

      const copy = await openDatabase(join(folder, 'copy.db'));
      await assert.rejects(
        loadServerIdentity(copy, { current: systemRandom(32) }, systemRandom),
        /master key/,
      );
      // Nor do the rows open under a key of the thief's own.
      const stolen = await openTestVault({ database: copy });
      for (const [name, text] of sealed)
        await assert.rejects(stolen.vault.open(name, ['api key'], text), { code: 'internal' });
      const arn = `arn:aws:kms:us-east-1:111122223333:key/${signing.keyId}`;
      await assert.rejects(stolen.keyRing.sign(testScope, arn, 'ES256', new Uint8Array(1)), {
        code: 'internal',
      });
      const owned = await loadServerIdentity(copy, { current: masterKey }, systemRandom);
      const restored = await openTestVault({ database: copy, sealedBox: owned.sealedBox });
      assert.deepEqual(await openAll(restored, sealed), secretsOf(sealed));
      await restored.keyRing.sign(testScope, arn, 'ES256', new Uint8Array(1));
      await copy.destroy();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
