import { chmod, copyFile, open, stat } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { type DatabaseConnection, Kysely, Migrator } from 'kysely';
import { BerthError, messageOf } from '../shared/errors.ts';
import { migrations } from './migrations.ts';
import { nodeSqliteDialect } from './node-sqlite-dialect.ts';
import type { Tables } from './tables.ts';
import { UnitsOfWork } from './unit-of-work.ts';

export type Database = Kysely<Tables>;

/** Also from the first statement on: a server that closes the file after an upgrade locks it for a moment. */
const busyTimeoutMs = 5_000;

/** The database itself, not one of its transactions. */
export interface OpenDatabase extends Database {
  /** What `work` writes, whoever writes it, is on disk as a whole or not at all; transactions within it join. */
  inOneTransaction<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Runs `work` when the transaction that the caller is part of is on disk; at once when there is none. */
  afterCommit(work: () => void): void;
  /**
   * Another number than before when another server, as in an upgrade, has changed anything since. Its own changes do not count. Cheap
   * enough to ask for each call (SQLite, pragma data_version).
   */
  foreignVersion(): number;
}

/**
 * Opens (or makes) the database at `path` and brings it to this version, with a copy beside it before any migration. A
 * database of a newer Berth is refused. `:memory:` serves tests.
 */
export async function openDatabase(path: string): Promise<OpenDatabase> {
  const isInMemory = path === ':memory:';
  const isNew = isInMemory || !(await exists(path));
  if (!isInMemory) await keepFromOthers(path);
  const file = new DatabaseSync(path, { timeout: busyTimeoutMs });
  file.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
  const versionQuery = file.prepare('pragma data_version');
  const units = new UnitsOfWork<DatabaseConnection>();
  const kysely = new Kysely<Tables>({ dialect: nodeSqliteDialect(file, units) });
  const database: OpenDatabase = Object.assign(kysely, {
    inOneTransaction: <Result>(work: () => Promise<Result>) =>
      units.run((inner) => kysely.transaction().execute(inner), work),
    afterCommit: (work: () => void) => units.afterCommit(work),
    foreignVersion: () => Number(versionQuery.get()?.['data_version']),
  });
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...migrations }) },
  });
  try {
    await refuseNewer(migrator, path);
    const pending = (await migrator.getMigrations()).filter(
      (migration) => migration.executedAt === undefined,
    );
    if (!isNew && pending.length > 0) {
      file.exec('pragma wal_checkpoint(truncate)');
      await copyFile(path, `${path}.before-${pending[0]?.name ?? 'migration'}`);
    }
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    return database;
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

/**
 * Whether opening the database at `path` will change its tables, so that no server of an older version may use it meanwhile.
 * Changes nothing. Throws `conflict` when it is of a newer Berth.
 */
export function hasPendingMigrations(path: string): boolean {
  const file = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  try {
    const executed = file
      .prepare('select name from kysely_migration')
      .all()
      .map(({ name }) => String(name));
    const newer = executed.filter((name) => !(name in migrations));
    if (newer.length === 0) return executed.length < Object.keys(migrations).length;
    throw new BerthError(
      'conflict',
      `The database ${path} is of a newer Berth (it has ${newer.join(', ')}). Run that version or a later one.`,
    );
  } finally {
    file.close();
  }
}

async function refuseNewer(migrator: Migrator, path: string): Promise<void> {
  try {
    await migrator.getMigrations();
  } catch (error) {
    throw new BerthError('internal', `The database ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Settings of runtimes are in it in clear. SQLite gives the files beside it the same mode. */
async function keepFromOthers(path: string): Promise<void> {
  await (await open(path, 'a', 0o600)).close();
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (await exists(file)) await chmod(file, 0o600);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
