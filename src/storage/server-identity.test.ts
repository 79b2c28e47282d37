import assert from 'node:assert/strict';
import { it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { systemRandom } from '../shared/ids.ts';
import { openDatabase } from './database.ts';
import { loadServerIdentity } from './server-identity.ts';

it('what the previous master key opens is sealed under the current one, all of it or nothing', async () => {
  verifies('vault:master-key');
  const database = await openDatabase(':memory:');
  const load = (current: Uint8Array, previous?: Uint8Array) =>
    loadServerIdentity(database, { current, previous }, systemRandom);
  const settings = () => database.selectFrom('settings').selectAll().orderBy('name').execute();
  try {
    const [old, next] = [systemRandom(32), systemRandom(32)];
    const before = await load(old);
    assert.equal(before.hasNewMasterKey, false);
    const sealed = before.sealedBox.seal('secret', 'test');

    const rows = await settings();
    const kept = rows.find(({ name }) => name === 'signing_secret')?.value ?? '';
    const set = (value: string) =>
      database.updateTable('settings').set({ value }).where('name', '=', 'signing_secret').execute();
    await set('v1.of.no.key');
    const broken = await settings();
    await assert.rejects(load(next, old), { code: 'internal' });
    assert.deepEqual(await settings(), broken);
    await set(kept);

    const after = await load(next, old);
    assert.equal(after.hasNewMasterKey, true);
    assert.equal(after.tag, before.tag);
    assert.deepEqual(after.signingSecret, before.signingSecret);
    assert.equal(after.sealedBox.open(sealed, 'test'), 'secret');
    assert.equal((await load(next, old)).hasNewMasterKey, false);
    assert.equal((await load(next)).sealedBox.open(sealed, 'test'), 'secret');
    await assert.rejects(load(old), /master key/);
  } finally {
    await database.destroy();
  }
});
