import { BerthError } from '../shared/errors.ts';

/** Primary result codes of SQLite: what is wrong with the disk, not with the query. */
const resultCodes = { ioError: 10, full: 13 };

/** A failure of the disk as `unavailable`; anything else as it is. */
export function describeSqliteError(error: unknown): unknown {
  const code = sqliteCode(error);
  if (code !== resultCodes.full && code !== resultCodes.ioError) return error;
  const what = code === resultCodes.full ? 'its disk is full' : 'its disk does not work';
  return new BerthError(
    'unavailable',
    `The server's database cannot be used: ${what}. Make room, or look at the disk.`,
    {
      cause: error,
    },
  );
}

/** The primary result code, without what SQLite adds above the low byte; undefined for an error of something else. */
export function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
}
