import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findConfined } from './confined-path.ts';

describe('A path inside an image', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'berth-root-'));
    await mkdir(join(root, 'etc'));
    await mkdir(join(root, 'usr/bin'), { recursive: true });
    await writeFile(join(root, 'etc/passwd'), '');
    await symlink('usr/bin', join(root, 'bin'));
    await symlink('/usr/bin/../../etc/passwd', join(root, 'usr/bin/absolute'));
    await symlink('../../../../../../../../etc/passwd', join(root, 'usr/bin/climbing'));
    await symlink('/etc/hostname', join(root, 'of-the-host'));
    await symlink('loop', join(root, 'loop'));
  });
  after(() => rm(root, { recursive: true }));

  const cases: readonly (readonly [string, string | undefined])[] = [
    ['/etc/passwd', 'etc/passwd'],
    ['etc//./passwd', 'etc/passwd'],
    ['/bin', 'usr/bin'],
    ['/bin/absolute', 'etc/passwd'],
    ['/bin/climbing', 'etc/passwd'],
    ['/../../etc/passwd', 'etc/passwd'],
    ['/', ''],
    ['/of-the-host', undefined],
    ['/loop', undefined],
    ['/etc/passwd/more', undefined],
    ['/missing', undefined],
  ];
  for (const [path, expected] of cases) {
    it(`${path} is ${expected === undefined ? 'not there' : `/${expected}`}`, async () => {
      const found = await findConfined(root, path);

      assert.equal(found?.path, expected === undefined ? undefined : join(root, expected));
    });
  }
});
