import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import {
  readUserNamespaceFacts,
  type UserNamespaceFacts,
  userNamespaceProblem,
} from './user-namespace-problem.ts';

const able: UserNamespaceFacts = {
  kernel: '6.12.1-generic',
  most: 1000,
  containerd: '2.0.0',
  hasIdMaps: true,
  fileSystem: 0xef53,
  closedFolder: undefined,
  refusal: undefined,
};

describe('User namespaces for sandboxes', () => {
  it('can be where kernel, engine and file system can, and else it is said what cannot', () => {
    verifies('isolation:own-users-fallback');
    assert.equal(userNamespaceProblem(able), undefined);
    assert.equal(userNamespaceProblem({ ...able, kernel: '5.19.0' }), undefined);
    for (const [change, message] of [
      [{ most: undefined }, /has no user namespaces/],
      [{ most: 0 }, /switched off.*max_user_namespaces/],
      [{ kernel: '5.15.0-91-generic' }, /^Linux 5\.15\.0-91-generic cannot/],
      [{ kernel: '4.20.1' }, /^Linux 4\.20\.1 cannot/],
      [{ containerd: '1.7.24' }, /^containerd 1\.7\.24 cannot/],
      [{ containerd: undefined }, /^containerd of an unknown version/],
      [{ hasIdMaps: false }, /This runc cannot/],
      [{ fileSystem: 0x794c7630 }, /type 0x794c7630/],
      [{ closedFolder: '/run/closed' }, /chmod o\+x \/run\/closed/],
      [{ refusal: 'mount: /proc: permission denied.' }, /trial failed: mount: \/proc: permission denied/],
    ] as const)
      assert.match(String(userNamespaceProblem({ ...able, ...change })), message);
  });

  it('are looked up on the machine: a folder that is closed to others, a runc that is not there', async () => {
    verifies('isolation:own-users-fallback');
    const folder = await mkdtemp(join(tmpdir(), 'berth-users-'));
    const place = { home: join(folder, 'later'), runDir: join(folder, 'open/run'), containerd: '2.4.2' };
    const run = () => Promise.reject(new Error('unshare: not\npermitted'));
    await mkdir(join(folder, 'open'));

    const facts = await readUserNamespaceFacts({ ...place, runc: '/nowhere/runc', run });

    assert.deepEqual([facts.closedFolder, facts.hasIdMaps, facts.containerd], [folder, false, '2.4.2']);
    assert.equal(facts.refusal, 'unshare: not; permitted');
    await chmod(folder, 0o711);
    const later = await readUserNamespaceFacts({ ...place, runc: undefined, run: undefined });
    assert.deepEqual([later.closedFolder, later.refusal], [undefined, undefined]);
    await rm(folder, { recursive: true });
  });
});
