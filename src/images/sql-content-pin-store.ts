import type { Database } from '../storage/database.ts';
import { parseDigest } from './digest.ts';
import type { ContentPinStore } from './kept-content.ts';

export function sqlContentPinStore(database: Database): ContentPinStore {
  return {
    async touch(digest, nowMs) {
      await database
        .insertInto('content_pins')
        .values({ digest, touched_at: nowMs })
        .onConflict((conflict) => conflict.column('digest').doUpdateSet({ touched_at: nowMs }))
        .execute();
    },
    async listUnused(beforeMs) {
      const rows = await database
        .selectFrom('content_pins')
        .select('digest')
        .where('touched_at', '<', beforeMs)
        .where('digest', 'not in', (query) => query.selectFrom('repository_blobs').select('digest'))
        .execute();
      return rows.map(({ digest }) => parseDigest(digest));
    },
    async removeUnused(digest, beforeMs) {
      const { numDeletedRows } = await database
        .deleteFrom('content_pins')
        .where('digest', '=', digest)
        .where('touched_at', '<', beforeMs)
        .where('digest', 'not in', (query) => query.selectFrom('repository_blobs').select('digest'))
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}
