import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BerthError, messageOf } from '../shared/errors.ts';
import { sqliteCode } from './sqlite-error.ts';

/** SQLITE_BUSY */
const busy = 5;

/** Disposing releases it. */
export interface HomeLock extends Disposable {
  /** For a handover to another server. Idempotent. */
  release(): void;
  /** Takes it again; throws as `lockHome` does. Idempotent. */
  take(): void;
}

/**
 * Owns a state directory until it is released: an exclusive SQLite lock, which the kernel gives up when the process ends
 * however it ends. Throws `conflict` when another server holds it, `unavailable` when it cannot be written to.
 */
export function lockHome(home: string): HomeLock {
  let lock: DatabaseSync | undefined = openLock(home);
  const release = () => {
    lock?.close();
    lock = undefined;
  };
  return { release, take: () => void (lock ??= openLock(home)), [Symbol.dispose]: release };
}

function openLock(home: string): DatabaseSync {
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
  return lock;
}
