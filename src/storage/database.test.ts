import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Kysely, Migrator } from 'kysely';
import { verifies } from '../../test/requirements.ts';
import { hasPendingMigrations, openDatabase } from './database.ts';
import { migrations } from './migrations.ts';
import { nodeSqliteDialect } from './node-sqlite-dialect.ts';
import type { Tables } from './tables.ts';
import { UnitsOfWork } from './unit-of-work.ts';

/** Locks a database for a moment, as a connection does that is the last one to close it. */
const locker = `
  const { parentPort, workerData } = require('node:worker_threads');
  const file = new (require('node:sqlite').DatabaseSync)(workerData);
  file.exec('pragma locking_mode = exclusive; begin exclusive');
  parentPort.postMessage('locked');
  setTimeout(() => file.close(), 300);
`;

describe('the database', () => {
  let dir: string;
  let path: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'berth-database-'));
    path = join(dir, 'berth.db');
    await (await openDatabase(path)).destroy();
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function lockForAMoment(): Promise<void> {
    await once(new Worker(locker, { eval: true, workerData: path }), 'message');
  }

  it('is opened while another server closes it', async () => {
    await lockForAMoment();
    await (await openDatabase(path)).destroy();
  });

  it('is its user’s only, from the start and also where an older Berth left it open to others', async () => {
    verifies('secrets:database-mode');
    const files = [path, `${path}-wal`, `${path}-shm`];
    const modes = () => Promise.all(files.map(async (file) => (await stat(file)).mode & 0o777));
    const first = await openDatabase(path);
    assert.deepEqual(await modes(), [0o600, 0o600, 0o600]);
    for (const file of files) await chmod(file, 0o644);
    const second = await openDatabase(path);
    assert.deepEqual(await modes(), [0o600, 0o600, 0o600]);
    await second.destroy();
    await first.destroy();
  });

  it('calls keys of the role invoke invokers, once it is brought up to date', async () => {
    verifies('authz:old-role');
    const old = join(dir, 'old.db');
    const file = new DatabaseSync(old);
    const before = new Kysely<Tables>({ dialect: nodeSqliteDialect(file, new UnitsOfWork()) });
    const earlier = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0030'));
    const migrator = new Migrator({ db: before, provider: { getMigrations: async () => earlier } });
    await migrator.migrateToLatest();
    file.exec(`insert into access_keys values
      ('AKIA1', '111122223333', 'us-east-1', 'invoke', 'web', 'sealed', 1, null),
      ('AKIA2', '111122223333', 'us-east-1', 'admin', 'first', 'sealed', 1, null)`);
    await before.destroy();

    const database = await openDatabase(old);
    const keys = await database.selectFrom('access_keys').select(['name', 'role', 'limits_json']).execute();
    await database.destroy();
    assert.deepEqual(
      keys.map(({ name, role, limits_json: limits }) => [name, role, limits]),
      [
        ['web', 'invoker', null],
        ['first', 'admin', null],
      ],
    );
  });

  it('is looked into while another server closes it', async () => {
    await lockForAMoment();
    assert.equal(hasPendingMigrations(path), false);
  });
});
