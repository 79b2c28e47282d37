import { sql } from 'kysely';
import { z } from 'zod';
import type { Database } from '../../storage/database.ts';
import { type Digest, parseDigest } from '../digest.ts';
import type { Referrer, ReferrerQuery, TaggedImage } from './repository-store.ts';

const annotationsSchema = z.record(z.string(), z.string());

export async function listReferrers(database: Database, query: ReferrerQuery): Promise<readonly Referrer[]> {
  let select = database
    .selectFrom('repository_blobs')
    .selectAll()
    .where('repository', '=', query.repository)
    .where('subject', '=', query.subject)
    .where('digest', '>', query.after);
  if (query.artifactType !== undefined) select = select.where('artifact_type', '=', query.artifactType);
  const rows = await select.orderBy('digest').limit(query.limit).execute();
  return rows.map((row) => ({
    digest: parseDigest(row.digest),
    sizeBytes: row.size_bytes,
    mediaType: row.media_type ?? undefined,
    artifactType: row.artifact_type ?? undefined,
    annotations: annotationsSchema.parse(JSON.parse(row.annotations_json)),
  }));
}

export async function listImages(
  database: Database,
  after: { readonly repository: string; readonly tag: string },
  limit: number,
): Promise<readonly TaggedImage[]> {
  const rows = await database
    .selectFrom('repository_tags as tag')
    .innerJoin('repository_blobs as manifest', (join) =>
      join.onRef('manifest.repository', '=', 'tag.repository').onRef('manifest.digest', '=', 'tag.digest'),
    )
    .select((builder) => [
      'tag.repository',
      'tag.tag',
      'tag.digest',
      'tag.updated_at',
      'manifest.media_type',
      'manifest.size_bytes',
      builder
        .selectFrom('repository_references as reference')
        .innerJoin('repository_blobs as part', (join) =>
          join
            .onRef('part.repository', '=', 'reference.repository')
            .onRef('part.digest', '=', 'reference.digest'),
        )
        .whereRef('reference.repository', '=', 'tag.repository')
        .whereRef('reference.manifest', '=', 'tag.digest')
        .select(sql<number>`coalesce(sum(part.size_bytes), 0)`.as('bytes'))
        .as('parts_bytes'),
    ])
    .where(sql<boolean>`(tag.repository, tag.tag) > (${after.repository}, ${after.tag})`)
    .orderBy('tag.repository')
    .orderBy('tag.tag')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    repository: row.repository,
    tag: row.tag,
    digest: parseDigest(row.digest),
    mediaType: row.media_type ?? '',
    sizeBytes: row.size_bytes + (row.parts_bytes ?? 0),
    updatedAtMs: row.updated_at,
  }));
}

export async function collectBlobs(database: Database, beforeMs: number): Promise<number> {
  const { numDeletedRows } = await database
    .deleteFrom('repository_blobs')
    .where('media_type', 'is', null)
    .where('touched_at', '<', beforeMs)
    .where(isMissingIn('repository_references', 'digest'))
    .executeTakeFirst();
  return Number(numDeletedRows);
}

export async function listUntagged(
  database: Database,
  beforeMs: number,
  only?: { readonly repository: string; readonly digest: Digest },
): Promise<readonly { readonly repository: string; readonly digest: Digest }[]> {
  let query = database
    .selectFrom('repository_blobs')
    .select(['repository', 'digest'])
    .where('media_type', 'is not', null)
    .where('touched_at', '<', beforeMs)
    .where(isMissingIn('repository_tags', 'digest'))
    .where(isMissingIn('repository_references', 'digest'))
    .where(isMissingIn('repository_blobs', 'subject'));
  if (only !== undefined) {
    query = query.where('repository', '=', only.repository).where('digest', '=', only.digest);
  }
  const rows = await query.execute();
  return rows.map(({ repository, digest }) => ({ repository, digest: parseDigest(digest) }));
}

/** Nothing of that table has, in the same repository, the digest that is in this column of `repository_blobs`. */
function isMissingIn(
  table: 'repository_tags' | 'repository_references' | 'repository_blobs',
  column: 'digest' | 'subject',
) {
  const digest = sql.ref(`repository_blobs.${column}`);
  return sql<boolean>`not exists (
    select 1 from ${sql.table(table)} as other
    where other.repository = repository_blobs.repository and other.digest = ${digest}
  )`;
}
