import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BerthError, messageOf } from '../shared/errors.ts';
import { sqliteCode } from './sqlite-error.ts';

/** SQLITE_BUSY */
const busy = 5;

/**
 * Owns a state directory for life: an exclusive SQLite lock, which the kernel gives up when the process ends however it ends.
 * Throws `conflict` when another server holds it, `unavailable` when it cannot be written to.
 */
export function lockHome(home: string): Disposable {
  const lock = new DatabaseSync(join(home, 'lock.db'));
  try {
    lock.exec('pragma locking_mode = exclusive; pragma journal_mode = delete; begin exclusive');
  } catch (error) {
    lock.close();
    if (sqliteCode(error) !== busy) {
      throw new BerthError(
        'unavailable',
        `The state directory ${home} cannot be used: ${messageOf(error)}.`,
        {
          cause: error,
        },
      );
    }
    throw new BerthError(
      'conflict',
      `Another Berth server is using ${home}. Stop it with 'berth down', or give this one a directory of its own with --home.`,
      { cause: error },
    );
  }
  return { [Symbol.dispose]: () => lock.close() };
}
