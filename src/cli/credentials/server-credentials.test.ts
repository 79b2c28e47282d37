import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { serverCredentialsSchema } from './server-credentials.ts';

const good = {
  url: 'http://127.0.0.1:4700',
  region: 'us-east-1',
  accountId: '000000000000',
  accessKeyId: 'AKIAABCDEFGHIJKLMNOP',
  secretAccessKey: 'secret',
};

test('a region that would write more than a name into files of this machine is not taken', () => {
  verifies('cli:login');
  assert.ok(serverCredentialsSchema.safeParse(good).success);
  for (const region of ['x\n6.6.6.6\tgithub.com\n#', 'us-east-1\n[default]', '', 'US EAST'])
    assert.ok(!serverCredentialsSchema.safeParse({ ...good, region }).success, region);
});
