import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { dyingDatabase } from './testing/sql-dying-database.ts';
import { openAll, openTestVault, sealFor, secretsOf, testScope } from './testing/vault-fixture.ts';

const owners = Array.from({ length: 5 }, (_, index) => `provider-${index}`);

describe('a rotation of the key', () => {
  it('moves all data keys to a new version, and everything opens meanwhile and afterwards', async () => {
    verifies('vault:rotate');
    const fixture = await openTestVault();
    const { tokenVault } = fixture;
    const sealed = await sealFor(fixture, owners);

    await fixture.clock.advance(1_000);
    const rotated = await tokenVault.rotate(testScope);

    assert.equal(rotated.version, 2);
    assert.equal(rotated.createdAtMs, fixture.clock.now());
    const { dataKeys, dataKeysToMove } = await tokenVault.show(testScope);
    assert.deepEqual([dataKeys, dataKeysToMove], [5, 5]);
    assert.deepEqual(await openAll(fixture, sealed), secretsOf(sealed));
    await fixture.runJobs();
    assert.equal((await tokenVault.show(testScope)).dataKeysToMove, 0);
    assert.deepEqual(await openAll(fixture, sealed), secretsOf(sealed));
    assert.deepEqual(await versionsOf(fixture.database), [2]);
  });

  it('comes while data keys are made and destroyed, and neither loses nor brings back one', async () => {
    verifies('vault:rotate', 'vault:destroyed');
    const fixture = await openTestVault();
    const { tokenVault, vault } = fixture;
    const sealed = await sealFor(fixture, owners);
    fixture.jobs.start();
    const [made] = await Promise.all([
      sealFor(fixture, ['made-1', 'made-2', 'made-3']),
      tokenVault.rotate(testScope).then(() => tokenVault.rotate(testScope)),
      vault.destroyKey('provider-3'),
    ]);
    await fixture.jobs.settled();
    await fixture.jobs.pause();

    await assert.rejects(vault.open('provider-3', ['api key'], sealed.get('provider-3') ?? ''), {
      code: 'not-found',
    });
    sealed.delete('provider-3');
    const all = new Map([...sealed, ...made]);
    assert.deepEqual(await openAll(fixture, all), secretsOf(all));
    assert.deepEqual(await versionsOf(fixture.database), [3]);
    assert.deepEqual(fixture.failures, []);
  });

  it('that overtakes a data key on its way makes it one of the new version', async () => {
    verifies('vault:rotate');
    const engine = new GatedEngine();
    const fixture = await openTestVault({ engine });
    const { tokenVault, vault, database } = fixture;
    await vault.createKey(testScope, 'provider-1');
    const gate = engine.holdNext();
    const creation = vault.createKey(testScope, 'provider-2');
    await gate.reached;
    await tokenVault.rotate(testScope);
    await fixture.runJobs();
    assert.deepEqual(await versionsOf(database), [2]);
    gate.open();
    await creation;

    const sealed = await vault.seal('provider-2', [], 'secret');
    assert.equal(await vault.open('provider-2', [], sealed), 'secret');
    assert.equal((await tokenVault.show(testScope)).dataKeysToMove, 0);
  });

  it('that overtakes another one is not undone by it', async () => {
    verifies('vault:rotate');
    const engine = new GatedEngine();
    const fixture = await openTestVault({ engine });
    const { tokenVault, database } = fixture;
    const sealed = await sealFor(fixture, owners);
    await tokenVault.rotate(testScope);
    const gate = engine.holdNext();
    const slow = tokenVault.moveDataKeys(testScope, new AbortController().signal);
    await gate.reached;
    await tokenVault.rotate(testScope);
    await fixture.runJobs();
    gate.open();
    await slow;

    assert.deepEqual(await versionsOf(database), [3]);
    assert.equal((await tokenVault.show(testScope)).dataKeysToMove, 0);
    assert.deepEqual(await openAll(fixture, sealed), secretsOf(sealed));
  });

  it('is not held up by one data key that is damaged, and keeps what that is wrapped under', async () => {
    verifies('vault:rotate');
    const fixture = await openTestVault();
    const sealed = await sealFor(fixture, owners);
    await fixture.database
      .updateTable('vault_data_keys')
      .set({ wrapped_key: 'v1.damaged' })
      .where('owner', '=', 'provider-0')
      .execute();
    await fixture.tokenVault.rotate(testScope);
    await fixture.runJobs();

    sealed.delete('provider-0');
    assert.deepEqual(await openAll(fixture, sealed), secretsOf(sealed));
    assert.equal((await fixture.tokenVault.show(testScope)).dataKeysToMove, 1);
    assert.deepEqual(await versionsOf(fixture.database), [1, 2]);
    assert.match(String(fixture.failures[0]), /1 data keys of the vault cannot be moved/);
  });

  it('of two at the same time is refused once, as a concurrent change', async () => {
    verifies('vault:operations');
    const { tokenVault, vault } = await openTestVault();
    await vault.createKey(testScope, 'provider-1');
    const results = await Promise.allSettled([tokenVault.rotate(testScope), tokenVault.rotate(testScope)]);

    const refused = results.filter((result) => result.status === 'rejected');
    assert.deepEqual(
      refused.map(({ reason }) => reason.code),
      ['concurrent-modification'],
    );
    assert.equal((await tokenVault.get(testScope)).version, 2);
  });
});

describe('a server that is killed while the key is changed', () => {
  for (const change of ['rotated', 'given to the key ring', 'given back']) {
    it(`loses nothing, wherever it was, and the next one ends it: the key is ${change}`, async () => {
      verifies('vault:rotate-crash');
      let deaths = 0;
      for (let lastStatement = 0; ; lastStatement += 1) {
        const before = await openTestVault();
        const { keyId } = await before.keyRing.create(testScope, 'symmetric', undefined);
        const sealed = await sealFor(before, owners);
        if (change === 'given back') {
          await before.tokenVault.setKeeper(testScope, { kind: 'key-ring', keyId });
          await before.runJobs();
        }
        const { database, isDead } = dyingDatabase(before.database, lastStatement);
        const killed = await openTestVault({ database });
        const changing = killed.tokenVault;
        const wanted =
          change === 'given back' ? ({ kind: 'service' } as const) : ({ kind: 'key-ring', keyId } as const);
        await (
          change === 'rotated' ? changing.rotate(testScope) : changing.setKeeper(testScope, wanted)
        ).catch(() => {});
        await killed.runJobs();

        const next = await openTestVault({ database: before.database });
        assert.deepEqual(await openAll(next, sealed), secretsOf(sealed), `killed after ${lastStatement}`);
        await next.runJobs();
        assert.deepEqual(await openAll(next, sealed), secretsOf(sealed), `killed after ${lastStatement}`);
        assert.equal((await next.tokenVault.show(testScope)).dataKeysToMove, 0);
        assert.equal((await versionsOf(before.database)).length, 1);
        await next.tokenVault.rotate(testScope);
        await before.database.destroy();
        if (!isDead()) break;
        deaths += 1;
      }
      assert.ok(deaths > 15, `it was killed at ${deaths} places`);
    });
  }
});

describe('a key of the ring', () => {
  it('keeps the vault closed without it, and cannot be deleted until the vault has another one', async () => {
    verifies('vault:customer-key', 'vault:key-in-use');
    const fixture = await openTestVault();
    const { tokenVault, keyRing } = fixture;
    const { keyId } = await keyRing.create(testScope, 'symmetric', 'for the vault');
    const sealed = await sealFor(fixture, owners);
    await tokenVault.setKeeper(testScope, { kind: 'key-ring', keyId });
    await fixture.runJobs();

    assert.deepEqual(await openAll(fixture, sealed), secretsOf(sealed));
    assert.equal((await tokenVault.rotate(testScope)).keeper.kind, 'key-ring');
    await assert.rejects(keyRing.delete(testScope, keyId), {
      code: 'conflict',
      message: /used by the token vault/,
    });
    await tokenVault.setKeeper(testScope, { kind: 'service' });
    // Data keys are still wrapped under it.
    await assert.rejects(keyRing.delete(testScope, keyId), { code: 'conflict' });
    await fixture.runJobs();
    await keyRing.delete(testScope, keyId);
    assert.deepEqual(await openAll(fixture, sealed), secretsOf(sealed));

    const other = await keyRing.create(testScope, 'symmetric', undefined);
    await tokenVault.setKeeper(testScope, { kind: 'key-ring', keyId: other.keyId });
    await fixture.runJobs();
    const wrong = (await keyRing.create(testScope, 'symmetric', undefined)).keyId;
    const { sealed_key } = await fixture.database
      .selectFrom('kms_keys')
      .selectAll()
      .where('key_id', '=', wrong)
      .executeTakeFirstOrThrow();
    await fixture.database
      .updateTable('kms_keys')
      .set({ sealed_key })
      .where('key_id', '=', other.keyId)
      .execute();
    await assert.rejects(openAll(fixture, sealed), { code: 'internal' });
  });

  it('is given the vault once, and nothing is changed when it has it', async () => {
    verifies('vault:customer-key');
    const { tokenVault, keyRing } = await openTestVault();
    const { keyId } = await keyRing.create(testScope, 'symmetric', undefined);
    const first = await tokenVault.setKeeper(testScope, { kind: 'key-ring', keyId });
    assert.deepEqual(await tokenVault.setKeeper(testScope, { kind: 'key-ring', keyId }), first);
    const back = await tokenVault.setKeeper(testScope, { kind: 'service' });
    assert.equal(back.version, 3);
    assert.deepEqual(await tokenVault.setKeeper(testScope, { kind: 'service' }), back);
  });
});

/** Wraps nothing, but can be made to wait. */
class GatedEngine {
  #gate: { readonly opened: Promise<void>; readonly reach: () => void } | undefined;

  /** The next wrapping waits until `open`. */
  holdNext() {
    const [reached, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    this.#gate = { opened: opened.promise, reach: reached.resolve };
    return { reached: reached.promise, open: opened.resolve };
  }

  async encrypt(_key: string, plaintext: Uint8Array): Promise<string> {
    await this.#pass();
    return Buffer.from(plaintext).toString('hex');
  }

  async decrypt(_key: string, ciphertext: string): Promise<Uint8Array> {
    return Buffer.from(ciphertext.split(' ')[0] ?? '', 'hex');
  }

  async rewrap(_key: string, ciphertext: string): Promise<string> {
    await this.#pass();
    return `${ciphertext} again`;
  }

  async rotate(): Promise<void> {}

  async #pass(): Promise<void> {
    const gate = this.#gate;
    this.#gate = undefined;
    gate?.reach();
    await gate?.opened;
  }
}

async function versionsOf(database: Awaited<ReturnType<typeof openTestVault>>['database']) {
  const rows = await database
    .selectFrom('vault_wrapping_keys')
    .select('version')
    .orderBy('version')
    .execute();
  return rows.map(({ version }) => version);
}
