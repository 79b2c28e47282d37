import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { fakeServer, refuse } from '../testing/fake-server.ts';

const path = 'POST /berth/v1/development-issuer/token';
const issued = { token: 'a.b.c', expiresAtMs: 1_000, discoveryUrl: 'http://127.0.0.1:4700/x' };

describe('berth token', () => {
  it('prints the token and nothing else, or with --json what there is to know', async () => {
    verifies('cli:token');
    await using server = await fakeServer({ [path]: issued });
    await using user = await fakeContext({ env: server.env });

    const named = ['token', '--client', 'web', '--user', 'ann'];
    assert.equal(await user.run(...named, '--scope', 'read', '--scope', 'write', '--ttl', '10m'), 0);
    assert.equal(user.stdout(), 'a.b.c\n');
    assert.equal(await user.run(...named, '--json'), 0);
    assert.deepEqual(JSON.parse(user.stdout().slice('a.b.c\n'.length)), issued);

    const bodies = server.seen.map((request) => JSON.parse(request.body) as unknown);
    const request = { clientId: 'web', username: 'ann', scopes: [] };
    assert.deepEqual(bodies, [{ ...request, scopes: ['read', 'write'], lifetimeS: 600 }, request]);
  });

  it('needs a client and a user, and tells why a server has no such tokens', async () => {
    verifies('cli:token');
    const message = 'This server has no development issuer.';
    await using server = await fakeServer({
      [path]: (_request, response) => refuse(response, 404, 'ResourceNotFoundException', message),
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('token', '--client', 'web'), 2);
    assert.deepEqual(server.seen, []);
    assert.equal(await user.run('token', '--client', 'web', '--user', 'ann'), 1);
    assert.match(user.stderr(), /no development issuer/);
  });
});
