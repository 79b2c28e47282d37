import { copyFile, stat } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { type DatabaseConnection, Kysely, Migrator } from 'kysely';
import { BerthError, messageOf } from '../shared/errors.ts';
import { migrations } from './migrations.ts';
import { nodeSqliteDialect } from './node-sqlite-dialect.ts';
import type { Tables } from './tables.ts';
import { UnitsOfWork } from './unit-of-work.ts';

export type Database = Kysely<Tables>;

/** The database itself, not one of its transactions. */
export interface OpenDatabase extends Database {
  /** What `work` writes, whoever writes it, is on disk as a whole or not at all; transactions within it join. */
  inOneTransaction<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Runs `work` when the transaction that the caller is part of is on disk; at once when there is none. */
  afterCommit(work: () => void): void;
}

/**
 * Opens (or makes) the database at `path` and brings it to this version, with a copy beside it before any migration. A
 * database of a newer Berth is refused. `:memory:` serves tests.
 */
export async function openDatabase(path: string): Promise<OpenDatabase> {
  const isNew = path === ':memory:' || !(await exists(path));
  const file = new DatabaseSync(path);
  file.exec(
    'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 5000',
  );
  const units = new UnitsOfWork<DatabaseConnection>();
  const kysely = new Kysely<Tables>({ dialect: nodeSqliteDialect(file, units) });
  const database: OpenDatabase = Object.assign(kysely, {
    inOneTransaction: <Result>(work: () => Promise<Result>) =>
      units.run((inner) => kysely.transaction().execute(inner), work),
    afterCommit: (work: () => void) => units.afterCommit(work),
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

async function refuseNewer(migrator: Migrator, path: string): Promise<void> {
  try {
    await migrator.getMigrations();
  } catch (error) {
    throw new BerthError('internal', `The database ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
