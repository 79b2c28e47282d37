import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import { FakeTransit } from '../../../../test/fakes/fake-transit.ts';
import { verifies } from '../../../../test/requirements.ts';
import { systemClock } from '../../../shared/clock.ts';
import { dyingDatabase } from '../testing/sql-dying-database.ts';
import { openAll, openTestVault, sealFor, secretsOf, testScope } from '../testing/vault-fixture.ts';
import { TransitEngine } from './transit-engine.ts';
import { TransitKeys } from './transit-keys.ts';

const key = 'transit/berth';
const owners = ['provider-1', 'provider-2', 'provider-3'];

async function openEngine() {
  const folder = await mkdtemp(join(tmpdir(), 'berth-transit-'));
  const fake = await FakeTransit.start();
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, fake.token, { mode: 0o600 });
  const engine = new TransitEngine({
    url: fake.url,
    tokenFile,
    caFile: undefined,
    events: { transitFailed: () => {} },
    clock: systemClock,
    pausesMs: [1, 1],
  });
  const dispose = async () => {
    await engine[Symbol.asyncDispose]();
    await fake[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  };
  return { fake, engine, [Symbol.asyncDispose]: dispose };
}

describe('data keys that a transit engine wraps', () => {
  it('are asked for once in five minutes, at the same time too, and again after a failure', async () => {
    verifies('vault:transit-kept');
    await using opened = await openEngine();
    const { engine, fake } = opened;
    const clock = new FakeClock();
    const keys = new TransitKeys({ engine, newestKey: key, clock });
    const wrapped = await keys.wrap(key, 'provider-1', Buffer.from('data key'));
    const unwrap = async () => Buffer.from(await keys.unwrap(key, 'provider-1', wrapped)).toString();

    fake.failNext(1, 403);
    await assert.rejects(unwrap(), { code: 'unavailable' });
    assert.deepEqual(await Promise.all([unwrap(), unwrap(), unwrap()]), Array(3).fill('data key'));
    await clock.advance(299_000);
    await unwrap();
    assert.equal(fake.count('decrypt'), 2);
    await clock.advance(2_000);
    await unwrap();
    assert.equal(fake.count('decrypt'), 3);
  });

  it('are kept up to a thousand, the oldest go first', async () => {
    verifies('vault:transit-kept');
    let asked = 0;
    const engine = {
      encrypt: async () => '',
      decrypt: async (_key: string, wrapped: string) => {
        asked += 1;
        return Buffer.from(JSON.stringify(['provider', wrapped]));
      },
      rewrap: async () => '',
      rotate: async () => {},
    };
    const keys = new TransitKeys({ engine, newestKey: key, clock: new FakeClock() });
    for (let index = 0; index <= 1_000; index += 1) await keys.unwrap(key, 'provider', String(index));
    assert.equal(asked, 1_001);
    await keys.unwrap(key, 'provider', '1000');
    await keys.unwrap(key, 'provider', '1');
    assert.equal(asked, 1_001);
    await keys.unwrap(key, 'provider', '0');
    assert.equal(asked, 1_002);
  });

  it('open for the owner that they were wrapped for, and for no other', async () => {
    verifies('vault:sealed', 'vault:transit');
    await using opened = await openEngine();
    const { engine } = opened;
    const keys = new TransitKeys({ engine, newestKey: key, clock: new FakeClock() });
    const wrapped = await keys.wrap(key, 'provider-1', Buffer.from('data key'));
    await assert.rejects(keys.unwrap(key, 'provider-2', wrapped), { code: 'internal' });
    await assert.rejects(keys.unwrap(key, 'provider-2', await keys.rewrap(key, wrapped)), {
      code: 'internal',
    });
  });
});

describe('a vault whose key an engine keeps', () => {
  it('seals, opens and rotates, and is closed without the engine', async () => {
    verifies('vault:transit', 'vault:copy');
    await using opened = await openEngine();
    const { engine, fake } = opened;
    const fixture = await openTestVault({ engine });
    const { database } = fixture;
    const sealed = await sealFor(fixture, owners);

    assert.deepEqual(await openAll(fixture, sealed), secretsOf(sealed));
    await fixture.tokenVault.rotate(testScope);
    await fixture.runJobs();
    assert.deepEqual(await openAll(fixture, sealed), secretsOf(sealed));
    const rows = await database.selectFrom('vault_data_keys').select('wrapped_key').execute();
    assert.deepEqual(
      rows.map(({ wrapped_key: wrapped }) => wrapped.slice(0, 9)),
      Array(3).fill('vault:v2:'),
    );
    assert.equal(fake.count('rewrap'), 3);
    const [wrappingKey] = await database.selectFrom('vault_wrapping_keys').selectAll().execute();
    assert.deepEqual([wrappingKey?.sealed_key, wrappingKey?.transit_key], [null, key]);

    const without = await openTestVault({ database });
    await assert.rejects(openAll(without, sealed), {
      code: 'unavailable',
      message: /transit engine .*BERTH_TRANSIT_URL/,
    });
  });

  it('goes on with what it has in memory while the engine is down, and is unavailable for the rest', async () => {
    verifies('vault:transit-fails', 'vault:transit-kept');
    await using opened = await openEngine();
    const { engine, fake } = opened;
    const fixture = await openTestVault({ engine });
    const sealed = await sealFor(fixture, owners);
    await openAll(fixture, sealed);
    const version = (await fixture.tokenVault.get(testScope)).version;
    fake.failNext(100, 503);

    assert.deepEqual(await openAll(fixture, sealed), secretsOf(sealed));
    await assert.rejects(fixture.vault.createKey(testScope, 'provider-4'), { code: 'unavailable' });
    await assert.rejects(fixture.tokenVault.rotate(testScope), { code: 'unavailable' });
    assert.equal((await fixture.tokenVault.get(testScope)).version, version);
    await fixture.clock.advance(300_001);
    await assert.rejects(openAll(fixture, sealed), { code: 'unavailable' });
    fake.failures.length = 0;
    assert.deepEqual(await openAll(fixture, sealed), secretsOf(sealed));
  });

  it('opens nothing for an owner whose key was destroyed, though it is in memory', async () => {
    verifies('vault:destroyed');
    await using opened = await openEngine();
    const { engine } = opened;
    const fixture = await openTestVault({ engine });
    const sealed = await sealFor(fixture, owners);
    await openAll(fixture, sealed);
    await fixture.vault.destroyKey('provider-1');
    await assert.rejects(openAll(fixture, sealed), { code: 'not-found' });
  });

  it('ends a rotation that the engine cut short, after it is back', async () => {
    verifies('vault:rotate-crash', 'vault:transit-fails');
    await using opened = await openEngine();
    const { engine, fake } = opened;
    const fixture = await openTestVault({ engine });
    const sealed = await sealFor(fixture, owners);
    await fixture.tokenVault.rotate(testScope);
    fake.failNext(3, 503);
    await fixture.runJobs();

    assert.equal((await fixture.tokenVault.show(testScope)).dataKeysToMove, 3);
    assert.equal(fixture.failures.length, 1);
    // It stopped at the first: an engine that is down is not asked for each.
    assert.equal(fake.count('rewrap'), 3);
    assert.deepEqual(await openAll(fixture, sealed), secretsOf(sealed));
    await fixture.clock.advance(2_000);
    await fixture.runJobs();
    assert.equal((await fixture.tokenVault.show(testScope)).dataKeysToMove, 0);
    assert.deepEqual(await openAll(fixture, sealed), secretsOf(sealed));
  });

  it('takes over from the server, from another key of the engine, and gives it back by the key ring', async () => {
    verifies('vault:transit', 'vault:customer-key');
    await using opened = await openEngine();
    const { engine, fake } = opened;
    const before = await openTestVault();
    const { database } = before;
    const sealed = await sealFor(before, owners);

    const moving = await openTestVault({ database, engine });
    assert.equal((await moving.tokenVault.show(testScope)).isTransitUnused, true);
    assert.equal((await moving.tokenVault.rotate(testScope)).keeper.kind, 'transit');
    await moving.runJobs();
    assert.equal((await moving.tokenVault.show(testScope)).isTransitUnused, false);
    assert.deepEqual(await openAll(moving, sealed), secretsOf(sealed));

    fake.keys.set('transit/next', [Buffer.alloc(32, 1)]);
    const renamed = await openTestVault({ database, engine, transitKey: 'transit/next' });
    assert.deepEqual(await openAll(renamed, sealed), secretsOf(sealed));
    assert.equal((await renamed.tokenVault.show(testScope)).isTransitUnused, true);
    await renamed.tokenVault.rotate(testScope);
    await renamed.runJobs();
    fake.keys.delete(key);
    assert.deepEqual(await openAll(renamed, sealed), secretsOf(sealed));

    const { keyId } = await renamed.keyRing.create(testScope, 'symmetric', undefined);
    await renamed.tokenVault.setKeeper(testScope, { kind: 'key-ring', keyId });
    await renamed.runJobs();
    const without = await openTestVault({ database });
    await without.tokenVault.setKeeper(testScope, { kind: 'service' });
    await without.runJobs();
    assert.equal((await without.tokenVault.get(testScope)).keeper.kind, 'server');
    assert.deepEqual(await openAll(without, sealed), secretsOf(sealed));
  });

  it('loses nothing when the server is killed anywhere in a rotation', async () => {
    verifies('vault:rotate-crash');
    await using opened = await openEngine();
    const { engine } = opened;
    let deaths = 0;
    for (let lastStatement = 0; ; lastStatement += 1) {
      const before = await openTestVault({ engine });
      const sealed = await sealFor(before, owners);
      const { database, isDead } = dyingDatabase(before.database, lastStatement);
      const killed = await openTestVault({ database, engine });
      await killed.tokenVault.rotate(testScope).catch(() => {});
      await killed.runJobs();

      const next = await openTestVault({ database: before.database, engine });
      await next.runJobs();
      assert.deepEqual(await openAll(next, sealed), secretsOf(sealed), `killed after ${lastStatement}`);
      assert.equal((await next.tokenVault.show(testScope)).dataKeysToMove, 0);
      await before.database.destroy();
      if (!isDead()) break;
      deaths += 1;
    }
    assert.ok(deaths > 10, `it was killed at ${deaths} places`);
  });
});
