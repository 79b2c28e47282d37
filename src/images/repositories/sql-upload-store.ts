import type { Database } from '../../storage/database.ts';
import type { UploadStore } from './upload-store.ts';

export function sqlUploadStore(database: Database): UploadStore {
  return {
    async add(uploadId, repository, nowMs) {
      await database
        .insertInto('uploads')
        .values({ upload_id: uploadId, repository: repository ?? null, active_at: nowMs })
        .onConflict((conflict) => conflict.column('upload_id').doUpdateSet({ active_at: nowMs }))
        .execute();
    },
    async isOpen(uploadId, repository) {
      const row = await database
        .selectFrom('uploads')
        .select('upload_id')
        .where('upload_id', '=', uploadId)
        .where('repository', '=', repository)
        .executeTakeFirst();
      return row !== undefined;
    },
    async touch(uploadId, nowMs) {
      await database
        .updateTable('uploads')
        .set({ active_at: nowMs })
        .where('upload_id', '=', uploadId)
        .execute();
    },
    async remove(uploadId) {
      await database.deleteFrom('uploads').where('upload_id', '=', uploadId).execute();
    },
    async countOpen() {
      const { open } = await database
        .selectFrom('uploads')
        .select((builder) => builder.fn.countAll<number>().as('open'))
        .where('repository', 'is not', null)
        .executeTakeFirstOrThrow();
      return open;
    },
    async listIdle(beforeMs) {
      const rows = await database
        .selectFrom('uploads')
        .select('upload_id')
        .where('active_at', '<', beforeMs)
        .execute();
      return rows.map((row) => row.upload_id);
    },
  };
}
