import assert from 'node:assert/strict';
import { chmod, copyFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { loadMasterKeys, replaceMasterKey } from './secrets.ts';

describe('the master key', async () => {
  const home = await mkdtemp(join(tmpdir(), 'berth-key-'));
  after(() => rm(home, { recursive: true }));

  it('is made once, for its owner only, and is the same for two servers that race', async () => {
    verifies('cli:master-key');
    const [first, second] = await Promise.all([loadMasterKeys(home, {}), loadMasterKeys(home, {})]);

    assert.equal(first.current.length, 32);
    assert.equal(first.previous, undefined);
    assert.deepEqual(first, second);
    assert.deepEqual(await loadMasterKeys(home, {}), first);
    assert.equal((await stat(join(home, 'master.key'))).mode & 0o777, 0o600);
  });

  it('may come from the environment, and is refused when it is too short, without showing it', async () => {
    const text = Buffer.alloc(32, 7).toString('base64');

    const keys = await loadMasterKeys(home, { BERTH_MASTER_KEY: text, BERTH_PREVIOUS_MASTER_KEY: text });
    assert.deepEqual([...keys.current], Array(32).fill(7));
    assert.deepEqual(keys.previous, keys.current);
    await assert.rejects(loadMasterKeys(home, { BERTH_MASTER_KEY: 'c2VjcmV0' }), (error: Error) => {
      assert.match(error.message, /BERTH_MASTER_KEY does not hold a master key: expected 32 bytes in base64/);
      assert.doesNotMatch(error.message, /c2VjcmV0/);
      return true;
    });
  });

  it('is replaced by a new one, the old one beside it, also where an earlier change was cut off', async () => {
    verifies('vault:master-key');
    const old = (await loadMasterKeys(home, {})).current;
    const [path, previousPath] = [join(home, 'master.key'), join(home, 'master.key.previous')];
    await copyFile(path, previousPath);

    assert.deepEqual(await replaceMasterKey(home), { path, previousPath });
    const { current, previous } = await loadMasterKeys(home, {});
    assert.deepEqual(previous, old);
    assert.notDeepEqual(current, old);
    assert.deepEqual((await readdir(home)).toSorted(), ['master.key', 'master.key.previous']);
    for (const name of [path, previousPath]) assert.equal((await stat(name)).mode & 0o777, 0o600);

    await assert.rejects(replaceMasterKey(home), { code: 'conflict' });
    assert.deepEqual(await loadMasterKeys(home, {}), { current, previous: old });
    await rm(previousPath);
    await replaceMasterKey(home);
    assert.deepEqual((await loadMasterKeys(home, {})).previous, current);
    await assert.rejects(replaceMasterKey(join(home, 'none')), { code: 'not-found' });
  });

  it('is refused when others can read its file', async () => {
    await chmod(join(home, 'master.key'), 0o644);

    await assert.rejects(loadMasterKeys(home, {}), { message: /can be read by others.*chmod 600/ });
    assert.notEqual(await readFile(join(home, 'master.key'), 'utf8'), '');
  });
});
