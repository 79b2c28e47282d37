import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { loadMasterKeys } from '../../config/secrets.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { fakeServer, refuse } from '../testing/fake-server.ts';

const vault = { version: 3, keeper: 'server', createdAtMs: 1, dataKeys: 4, dataKeysToMove: 0 };
const arn = 'arn:aws:kms:us-east-1:111122223333:key/01234567-89ab-4cde-8f01-23456789abcd';
const key = { arn, spec: 'ec-p256', description: 'assertions', createdAtMs: 1, publicKey: { kty: 'EC' } };

describe('berth vault', () => {
  it('shows the key and who keeps it', async () => {
    verifies('vault:commands');
    await using server = await fakeServer({ 'GET /berth/v1/vault': { ...vault, isTransitUnused: true } });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('vault', 'show'), 0, user.stderr());
    assert.match(user.stdout(), /^key version +3$/m);
    assert.match(user.stdout(), /^kept by +the server$/m);
    assert.match(user.stdout(), /^data keys +4$/m);
    assert.match(user.stderr(), /transit engine .*berth vault rotate/);
  });

  it('names the key of the ring or of the engine that keeps it, and prints JSON', async () => {
    verifies('vault:commands');
    for (const [kept, said] of [
      [{ keeper: 'key-ring', keyArn: arn }, `key ${arn}`],
      [{ keeper: 'transit', transitKey: 'transit/berth' }, 'the transit engine (transit/berth)'],
    ] as const) {
      await using server = await fakeServer({ 'GET /berth/v1/vault': { ...vault, ...kept } });
      await using user = await fakeContext({ env: server.env });
      assert.equal(await user.run('vault', 'show'), 0);
      assert.ok(user.stdout().includes(said), user.stdout());
      await using program = await fakeContext({ env: server.env });
      assert.equal(await program.run('vault', 'show', '--json'), 0);
      assert.deepEqual(JSON.parse(program.stdout()), { ...vault, ...kept });
    }
  });

  it('rotates, and waits until all data keys are moved', async () => {
    verifies('vault:commands', 'vault:rotate');
    let asked = 0;
    await using server = await fakeServer({
      'POST /berth/v1/vault/rotate': { ...vault, dataKeysToMove: 4 },
      'GET /berth/v1/vault': (_request, response) => {
        asked += 1;
        response.end(JSON.stringify({ ...vault, dataKeysToMove: asked === 1 ? 2 : 0 }));
      },
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('vault', 'rotate'), 0, user.stderr());
    assert.equal(asked, 2);
    assert.match(user.stdout(), /version 3, kept by the server; all 4 data keys are wrapped under it/);
    assert.match(user.stderr(), /4 of 4 data keys are to be moved/);
  });

  it('says why it was not rotated', async () => {
    verifies('vault:commands');
    await using server = await fakeServer({
      'POST /berth/v1/vault/rotate': (_request, response) =>
        refuse(response, 503, 'ServiceUnavailableException', 'The transit engine cannot be used.'),
    });
    await using user = await fakeContext({ env: server.env });
    assert.equal(await user.run('vault', 'rotate'), 1);
    assert.match(user.stderr(), /The transit engine cannot be used/);
  });
});

describe('berth vault rotate-master-key', () => {
  it('makes a key and says what is next, and does nothing where it cannot be taken', async () => {
    verifies('vault:master-key');
    await using user = await fakeContext();
    assert.equal(await user.run('vault', 'rotate-master-key'), 1);
    assert.match(user.stderr(), /There is no .*master\.key.*berth up/s);

    const home = join(user.folder, 'state');
    await mkdir(home);
    await loadMasterKeys(home, {});
    assert.equal(await user.run('vault', 'rotate-master-key', '--json'), 0, user.stderr());
    const { path, previousPath } = JSON.parse(user.stdout());
    assert.deepEqual([path, previousPath], [join(home, 'master.key'), join(home, 'master.key.previous')]);
    assert.equal(await user.run('vault', 'rotate-master-key'), 1);
    assert.match(user.stderr(), /previous is there already.*move that file/s);

    await using other = await fakeContext({ env: { BERTH_MASTER_KEY: 'a secret' } });
    assert.equal(await other.run('vault', 'rotate-master-key'), 1);
    assert.match(other.stderr(), /BERTH_PREVIOUS_MASTER_KEY/);
    assert.doesNotMatch(other.stderr(), /a secret/);
  });
});

describe('berth kms', () => {
  it('makes, lists, shows and deletes keys', async () => {
    verifies('vault:commands');
    const path = `/berth/v1/kms/keys/${encodeURIComponent(arn)}`;
    await using server = await fakeServer({
      'POST /berth/v1/kms/keys': key,
      'GET /berth/v1/kms/keys': { keys: [key, { ...key, spec: 'symmetric', publicKey: undefined }] },
      [`GET ${path}`]: key,
      [`DELETE ${path}`]: (_request, response) => response.writeHead(204).end(),
    });
    await using user = await fakeContext({ env: server.env });

    assert.equal(await user.run('kms', 'create', '--spec', 'ec-p256', '--description', 'assertions'), 0);
    assert.equal(user.stdout(), `${arn}\n`);
    assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ''), { spec: 'ec-p256', description: 'assertions' });
    assert.equal(await user.run('kms', 'create', '--spec', 'rsa-1024'), 2);
    assert.equal(await user.run('kms', 'list'), 0);
    assert.match(user.stdout(), /^arn:\S+ +symmetric .*assertions$/m);
    assert.equal(await user.run('kms', 'delete', arn), 0);
    assert.match(user.stdout(), /is deleted/);
    await using program = await fakeContext({ env: server.env });
    assert.equal(await program.run('kms', 'show', arn), 0);
    assert.deepEqual(JSON.parse(program.stdout()), key.publicKey);
    await using json = await fakeContext({ env: server.env });
    assert.equal(await json.run('kms', 'show', arn, '--json'), 0);
    assert.deepEqual(JSON.parse(json.stdout()), key);
  });

  it('says that a symmetric key has no public part', async () => {
    verifies('vault:commands');
    const { publicKey: _, ...symmetric } = { ...key, spec: 'symmetric' };
    await using server = await fakeServer({ 'GET /berth/v1/kms/keys/mine': symmetric });
    await using user = await fakeContext({ env: server.env });
    assert.equal(await user.run('kms', 'show', 'mine'), 0);
    assert.match(user.stdout(), /public key +none/);
  });
});
