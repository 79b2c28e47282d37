import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { isOwn } from './compile-cache.ts';

test('compiled code is kept only where nobody else can write', async () => {
  verifies('cli:compile-cache');
  const home = await mkdtemp(join(tmpdir(), 'berth-cache-'));
  const uid = process.getuid?.() ?? -1;
  try {
    const folder = join(home, 'new', 'berth');
    assert.ok(isOwn(folder, uid));
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.ok(!isOwn(folder, uid + 1), 'of another user');
    await chmod(folder, 0o777);
    assert.ok(!isOwn(folder, uid), 'open to others');
    await mkdir(join(home, 'real'));
    await symlink(join(home, 'real'), join(home, 'link'));
    assert.ok(!isOwn(join(home, 'link'), uid), 'a link');
    await writeFile(join(home, 'file'), '');
    assert.ok(!isOwn(join(home, 'file'), uid), 'no folder');
    assert.ok(!isOwn(join(home, 'file', 'below'), uid), 'cannot be made');
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
