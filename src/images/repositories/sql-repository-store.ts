import type { Database } from '../../storage/database.ts';
import { type Digest, parseDigest } from '../digest.ts';
import type { NewManifest, Removal, RepositoryStore } from './repository-store.ts';
import { collectBlobs, listImages, listReferrers, listUntagged } from './sql-repository-queries.ts';

export function sqlRepositoryStore(database: Database): RepositoryStore {
  return {
    async exists(repository) {
      const row = await database
        .selectFrom('repository_blobs')
        .select('repository')
        .where('repository', '=', repository)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async find(repository, digest) {
      const row = await database
        .selectFrom('repository_blobs')
        .select(['size_bytes', 'media_type'])
        .where('repository', '=', repository)
        .where('digest', '=', digest)
        .executeTakeFirst();
      return row && { digest, sizeBytes: row.size_bytes, mediaType: row.media_type ?? undefined };
    },
    async findTag(repository, tag) {
      const row = await database
        .selectFrom('repository_tags')
        .select('digest')
        .where('repository', '=', repository)
        .where('tag', '=', tag)
        .executeTakeFirst();
      return row && parseDigest(row.digest);
    },
    async linkBlob(repository, digest, sizeBytes, nowMs) {
      await database
        .insertInto('repository_blobs')
        .values({ ...plainBlob, repository, digest, size_bytes: sizeBytes, touched_at: nowMs })
        .onConflict((conflict) =>
          conflict.columns(['repository', 'digest']).doUpdateSet({ touched_at: nowMs }),
        )
        .execute();
    },
    async touch(repository, digest, nowMs) {
      await touch(database, repository, [digest], nowMs);
    },
    async putManifest(repository, manifest, tag, nowMs) {
      await database
        .transaction()
        .execute((transaction) => putManifest(transaction, repository, manifest, tag, nowMs));
    },
    async removeTag(repository, tag, nowMs) {
      return database.transaction().execute(async (transaction) => {
        const removed = await transaction
          .deleteFrom('repository_tags')
          .where('repository', '=', repository)
          .where('tag', '=', tag)
          .returning('digest')
          .executeTakeFirst();
        if (removed === undefined) return false;
        await touch(transaction, repository, [removed.digest], nowMs);
        return true;
      });
    },
    async removeManifest(repository, digest, nowMs) {
      return database
        .transaction()
        .execute((transaction) => removeManifest(transaction, repository, digest, nowMs));
    },
    async removeBlob(repository, digest) {
      return database.transaction().execute(async (transaction): Promise<Removal> => {
        if (await isNeeded(transaction, repository, digest)) return 'in-use';
        const { numDeletedRows } = await transaction
          .deleteFrom('repository_blobs')
          .where('repository', '=', repository)
          .where('digest', '=', digest)
          .where('media_type', 'is', null)
          .executeTakeFirst();
        return numDeletedRows > 0n ? 'removed' : 'absent';
      });
    },
    async listTags(repository, after, limit) {
      const rows = await database
        .selectFrom('repository_tags')
        .select('tag')
        .where('repository', '=', repository)
        .where('tag', '>', after)
        .orderBy('tag')
        .limit(limit)
        .execute();
      return rows.map(({ tag }) => tag);
    },
    async listRepositories(after, limit) {
      const rows = await database
        .selectFrom('repository_blobs')
        .select('repository')
        .distinct()
        .where('repository', '>', after)
        .orderBy('repository')
        .limit(limit)
        .execute();
      return rows.map(({ repository }) => repository);
    },
    listReferrers: (query) => listReferrers(database, query),
    listImages: (after, limit) => listImages(database, after, limit),
    collectBlobs: (beforeMs) => collectBlobs(database, beforeMs),
    listUntagged: (beforeMs) => listUntagged(database, beforeMs),
    async removeUntagged(repository, digest, beforeMs, nowMs) {
      return database.transaction().execute(async (transaction) => {
        const untagged = await listUntagged(transaction, beforeMs, { repository, digest });
        if (untagged.length === 0) return false;
        return (await removeManifest(transaction, repository, digest, nowMs)) === 'removed';
      });
    },
  };
}

const plainBlob = { media_type: null, subject: null, artifact_type: null, annotations_json: '{}' };

async function putManifest(
  transaction: Database,
  repository: string,
  manifest: NewManifest,
  tag: string | undefined,
  nowMs: number,
): Promise<void> {
  const described = {
    media_type: manifest.mediaType,
    subject: manifest.subject ?? null,
    artifact_type: manifest.artifactType ?? null,
    annotations_json: JSON.stringify(manifest.annotations),
    size_bytes: manifest.sizeBytes,
    touched_at: nowMs,
  };
  await transaction
    .insertInto('repository_blobs')
    .values({ repository, digest: manifest.digest, ...described })
    .onConflict((conflict) => conflict.columns(['repository', 'digest']).doUpdateSet(described))
    .execute();
  for (const digest of new Set(manifest.references)) {
    await transaction
      .insertInto('repository_references')
      .values({ repository, manifest: manifest.digest, digest })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  if (tag === undefined) return;
  const before = await transaction
    .selectFrom('repository_tags')
    .select('digest')
    .where('repository', '=', repository)
    .where('tag', '=', tag)
    .executeTakeFirst();
  if (before !== undefined) await touch(transaction, repository, [before.digest], nowMs);
  const moved = { digest: manifest.digest, updated_at: nowMs };
  await transaction
    .insertInto('repository_tags')
    .values({ repository, tag, ...moved })
    .onConflict((conflict) => conflict.columns(['repository', 'tag']).doUpdateSet(moved))
    .execute();
}

async function removeManifest(
  transaction: Database,
  repository: string,
  digest: Digest,
  nowMs: number,
): Promise<Removal> {
  if (await isNeeded(transaction, repository, digest)) return 'in-use';
  const { numDeletedRows } = await transaction
    .deleteFrom('repository_blobs')
    .where('repository', '=', repository)
    .where('digest', '=', digest)
    .where('media_type', 'is not', null)
    .executeTakeFirst();
  if (numDeletedRows === 0n) return 'absent';
  await transaction
    .deleteFrom('repository_tags')
    .where('repository', '=', repository)
    .where('digest', '=', digest)
    .execute();
  const freed = await transaction
    .deleteFrom('repository_references')
    .where('repository', '=', repository)
    .where('manifest', '=', digest)
    .returning('digest')
    .execute();
  const referrers = await transaction
    .selectFrom('repository_blobs')
    .select('digest')
    .where('repository', '=', repository)
    .where('subject', '=', digest)
    .execute();
  const touched = [...freed, ...referrers].map((row) => row.digest);
  await touch(transaction, repository, touched, nowMs);
  return 'removed';
}

async function isNeeded(database: Database, repository: string, digest: Digest): Promise<boolean> {
  const row = await database
    .selectFrom('repository_references')
    .select('manifest')
    .where('repository', '=', repository)
    .where('digest', '=', digest)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function touch(
  database: Database,
  repository: string,
  digests: readonly string[],
  nowMs: number,
): Promise<void> {
  if (digests.length === 0) return;
  await database
    .updateTable('repository_blobs')
    .set({ touched_at: nowMs })
    .where('repository', '=', repository)
    .where('digest', 'in', [...digests])
    .execute();
}
