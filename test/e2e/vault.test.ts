import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { GetTokenVaultCommand, SetTokenVaultCMKCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { FakeTransit } from '../fakes/fake-transit.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

describe('the vault of a server', { timeout: 300_000 }, () => {
  let folder: string;
  let engine: FakeTransit;
  let berth: BerthFixture;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-vault-'));
    engine = await FakeTransit.start();
    engine.token = 's.token-of-the-engine';
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, engine.token, { mode: 0o600 });
    berth = await BerthFixture.start({ BERTH_TRANSIT_URL: engine.url, BERTH_TRANSIT_TOKEN_FILE: tokenFile });
  });

  after(async () => {
    await berth.destroy();
    await engine[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const json = async (...command: readonly string[]) =>
    JSON.parse((await berth.cli(...command, '--json')).stdout) as Record<string, unknown>;

  it('changes its key by command and by operation, and outlives kill -9', async () => {
    verifies(
      'vault:commands',
      'vault:transit',
      'vault:customer-key',
      'vault:rotate',
      'vault:key-in-use',
      'vault:master-key',
    );
    const { arn: signing } = await json('kms', 'create', '--spec', 'ec-p256');
    const shown = await json('vault', 'show');
    assert.deepEqual(
      [shown['keeper'], shown['transitKey'], shown['dataKeys']],
      ['transit', 'transit/berth', 1],
    );
    const rotated = await json('vault', 'rotate');
    assert.deepEqual([rotated['version'], rotated['dataKeysToMove']], [2, 0]);
    assert.equal(engine.count('rewrap'), 1);

    const { arn } = await json('kms', 'create');
    const kmsConfiguration = { keyType: 'CustomerManagedKey', kmsKeyArn: String(arn) } as const;
    await berth.control.send(new SetTokenVaultCMKCommand({ kmsConfiguration }));
    await assert.rejects(berth.cli('kms', 'delete', String(arn)), /used by the token vault/);
    const { previousPath } = await json('vault', 'rotate-master-key');
    await berth.process.kill();
    await berth.process.start();
    await rm(String(previousPath));
    await berth.cli('upgrade');

    const vault = await berth.control.send(new GetTokenVaultCommand({}));
    assert.deepEqual(vault.kmsConfiguration, kmsConfiguration);
    const again = await json('vault', 'rotate');
    assert.deepEqual([again['keyArn'], again['version'], again['dataKeysToMove']], [arn, 4, 0]);
    const { spec, publicKey } = await json('kms', 'show', String(signing));
    assert.deepEqual([spec, (publicKey as { crv: string }).crv], ['ec-p256', 'P-256']);
    await berth.cli('kms', 'delete', String(signing));
  });

  it('says that the engine does not answer, and repeats its token nowhere', async () => {
    verifies('vault:transit-fails');
    await berth.control.send(
      new SetTokenVaultCMKCommand({ kmsConfiguration: { keyType: 'ServiceManagedKey' } }),
    );
    engine.failNext(100, 503, ['Vault is sealed']);
    await assert.rejects(berth.cli('vault', 'rotate'), (error: Error & { stderr: string }) => {
      assert.match(error.stderr, /transit engine that keeps the vault's key cannot be used/);
      assert.doesNotMatch(error.stderr, /token-of-the-engine/);
      return true;
    });
    const log = await berth.process.lastLogLines(10_000);
    assert.match(log, /transit engine that keeps the vault's key failed/);
    assert.match(log, /Vault is sealed/);
    assert.doesNotMatch(log, /token-of-the-engine/);
  });
});
