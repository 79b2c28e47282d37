import assert from 'node:assert/strict';
import { it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { fakeServer } from '../testing/fake-server.ts';

it('berth identity rotate-signing-key says which key signs from now on', async () => {
  verifies('token:rotation');
  await using server = await fakeServer({ 'POST /berth/v1/identity/signing-key/rotate': { keyId: 'key-2' } });
  await using user = await fakeContext({ env: server.env });
  assert.equal(await user.run('identity', 'rotate-signing-key'), 0, user.stderr());
  assert.match(user.stdout(), /signed with the key key-2 from now on/);
  assert.equal(await user.run('identity', 'rotate-signing-key', '--json'), 0);
  assert.match(user.stdout(), /\{\s*"keyId": ?"key-2"\s*\}/);
});
