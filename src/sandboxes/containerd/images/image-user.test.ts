import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BerthError } from '../../../shared/errors.ts';
import { resolveImageUser } from './image-user.ts';

describe('The user of an image', () => {
  let root: string;
  let bare: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'berth-root-'));
    bare = await mkdtemp(join(tmpdir(), 'berth-root-'));
    await mkdir(join(root, 'etc'));
    await writeFile(
      join(root, 'etc/passwd'),
      '# people\nroot:x:0:0:root:/root:/bin/sh\nagent:x:10:20::/home/agent:\nbroken\n',
    );
    await writeFile(
      join(root, 'etc/group'),
      'root:x:0:\nagents:x:20:agent\nextra:x:30:other,agent\nsmall:x:40:\n',
    );
  });
  after(async () => {
    await rm(root, { recursive: true });
    await rm(bare, { recursive: true });
  });

  it('is root when none is named', async () => {
    assert.deepEqual(await resolveImageUser(root, ''), { uid: 0, gid: 0, groups: [], home: '/root' });
    assert.deepEqual(await resolveImageUser(bare, ''), { uid: 0, gid: 0, groups: [], home: '/' });
  });

  it('has the groups and home of its name, or of its number', async () => {
    const agent = { uid: 10, gid: 20, groups: [30], home: '/home/agent' };

    assert.deepEqual(await resolveImageUser(root, 'agent'), agent);
    assert.deepEqual(await resolveImageUser(root, '10'), agent);
  });

  it('has only the group that is named with it', async () => {
    assert.deepEqual(await resolveImageUser(root, 'agent:small'), {
      uid: 10,
      gid: 40,
      groups: [],
      home: '/home/agent',
    });
    assert.deepEqual(await resolveImageUser(bare, '7:8'), { uid: 7, gid: 8, groups: [], home: '/' });
  });

  for (const user of ['stranger', 'agent:strangers', '4294967295', '-1', 'agent:-1']) {
    it(`refuses ${user}`, async () => {
      await assert.rejects(
        resolveImageUser(root, user),
        (error) => error instanceof BerthError && error.code === 'runtime-client-error',
      );
    });
  }
});
