import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { loadMasterKey } from './secrets.ts';

describe('the master key', async () => {
  const home = await mkdtemp(join(tmpdir(), 'berth-key-'));
  after(() => rm(home, { recursive: true }));

  it('is made once, for its owner only, and is the same for two servers that race', async () => {
    verifies('cli:master-key');
    const [first, second] = await Promise.all([loadMasterKey(home, {}), loadMasterKey(home, {})]);

    assert.equal(first.length, 32);
    assert.deepEqual(first, second);
    assert.deepEqual(await loadMasterKey(home, {}), first);
    assert.equal((await stat(join(home, 'master.key'))).mode & 0o777, 0o600);
  });

  it('may come from the environment, and is refused when it is too short, without showing it', async () => {
    const text = Buffer.alloc(32, 7).toString('base64');

    assert.deepEqual([...(await loadMasterKey(home, { BERTH_MASTER_KEY: text }))], Array(32).fill(7));
    await assert.rejects(loadMasterKey(home, { BERTH_MASTER_KEY: 'c2VjcmV0' }), (error: Error) => {
      assert.match(error.message, /BERTH_MASTER_KEY does not hold a master key: expected 32 bytes in base64/);
      assert.doesNotMatch(error.message, /c2VjcmV0/);
      return true;
    });
  });

  it('is refused when others can read its file', async () => {
    await chmod(join(home, 'master.key'), 0o644);

    await assert.rejects(loadMasterKey(home, {}), { message: /can be read by others.*chmod 600/ });
    assert.notEqual(await readFile(join(home, 'master.key'), 'utf8'), '');
  });
});
