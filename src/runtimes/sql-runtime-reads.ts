import type { Database } from '../storage/database.ts';
import { listPolicies } from '../storage/resource-policies.ts';
import { listTags, listTagsBelow } from '../storage/resource-tags.ts';
import type { RuntimeRow } from '../storage/tables.ts';
import { parseResourceArn } from './arns.ts';
import type { ListedRuntime, RuntimeReads } from './runtime-store.ts';
import { toEndpoint, toRuntime, toVersion } from './sql-runtime-rows.ts';

/** The reads, on the database or inside one transaction. */
export function sqlRuntimeReads(database: Database): RuntimeReads {
  return {
    async findRuntime(runtimeId) {
      const row = await database
        .selectFrom('runtimes')
        .selectAll()
        .where('runtime_id', '=', runtimeId)
        .executeTakeFirst();
      return row && toRuntime(row);
    },
    async findRuntimeByName(scope, name) {
      const row = await database
        .selectFrom('runtimes')
        .selectAll()
        .where('account_id', '=', scope.accountId)
        .where('region', '=', scope.region)
        .where('name', '=', name)
        .executeTakeFirst();
      return row && toRuntime(row);
    },
    listTags: (arn) => listTags(database, arn),
    listTagsBelow: (arn) => listTagsBelow(database, arn),
    listPolicies: (arn) => listPolicies(database, arn),
    async findVersion(runtimeId, version) {
      const row = await database
        .selectFrom('runtime_versions')
        .selectAll()
        .where('runtime_id', '=', runtimeId)
        .where('version', '=', version)
        .executeTakeFirst();
      return row && toVersion(row);
    },
    async findEndpoint(runtimeId, name) {
      const row = await database
        .selectFrom('runtime_endpoints')
        .selectAll()
        .where('runtime_id', '=', runtimeId)
        .where('name', '=', name)
        .executeTakeFirst();
      return row && toEndpoint(row);
    },
    async listRuntimes(scope, { limit, after }) {
      let query = database
        .selectFrom('runtimes')
        .selectAll()
        .where('account_id', '=', scope.accountId)
        .where('region', '=', scope.region);
      if (after !== undefined) {
        const [createdAtMs, runtimeId] = after;
        query = query.where((is) =>
          is.or([
            is('created_at', '>', createdAtMs),
            is.and([is('created_at', '=', createdAtMs), is('runtime_id', '>', runtimeId)]),
          ]),
        );
      }
      const rows = await query.orderBy('created_at').orderBy('runtime_id').limit(limit).execute();
      return withNewestVersions(database, rows);
    },
    async listVersions(runtimeId, { limit, after }) {
      const rows = await database
        .selectFrom('runtime_versions')
        .selectAll()
        .where('runtime_id', '=', runtimeId)
        .where('version', '>', after ?? 0)
        .orderBy('version')
        .limit(limit)
        .execute();
      return rows.map(toVersion);
    },
    async listEndpoints(runtimeId, { limit, after }) {
      const rows = await database
        .selectFrom('runtime_endpoints')
        .selectAll()
        .where('runtime_id', '=', runtimeId)
        .where('name', '>', after ?? '')
        .orderBy('name')
        .limit(limit)
        .execute();
      return rows.map(toEndpoint);
    },
    async listEndpointsAt(runtimeId, version) {
      const rows = await database
        .selectFrom('runtime_endpoints')
        .selectAll()
        .where('runtime_id', '=', runtimeId)
        .where((is) => is.or([is('live_version', '=', version), is('target_version', '=', version)]))
        .orderBy('name')
        .execute();
      return rows.map(toEndpoint);
    },
    async countRuntimes(scope) {
      const { count } = await database
        .selectFrom('runtimes')
        .select((count) => count.fn.countAll<number>().as('count'))
        .where('account_id', '=', scope.accountId)
        .where('region', '=', scope.region)
        .executeTakeFirstOrThrow();
      return count;
    },
    async countVersions(runtimeId) {
      const { count } = await database
        .selectFrom('runtime_versions')
        .select((count) => count.fn.countAll<number>().as('count'))
        .where('runtime_id', '=', runtimeId)
        .executeTakeFirstOrThrow();
      return count;
    },
    async countEndpoints(runtimeId) {
      const { count } = await database
        .selectFrom('runtime_endpoints')
        .select((count) => count.fn.countAll<number>().as('count'))
        .where('runtime_id', '=', runtimeId)
        .executeTakeFirstOrThrow();
      return count;
    },
    async listManifests() {
      const rows = await database
        .selectFrom('runtime_versions')
        .select('manifest')
        .distinct()
        .where('manifest', 'is not', null)
        .execute();
      return rows.flatMap((row) => row.manifest ?? []);
    },
    async listServedManifests() {
      const rows = await database
        .selectFrom('runtime_versions as versions')
        .innerJoin('runtime_endpoints as endpoints', 'endpoints.runtime_id', 'versions.runtime_id')
        .select('manifest')
        .distinct()
        .where('manifest', 'is not', null)
        .where((is) =>
          is.or([
            is('endpoints.live_version', '=', is.ref('versions.version')),
            is('endpoints.target_version', '=', is.ref('versions.version')),
          ]),
        )
        .execute();
      return rows.flatMap((row) => row.manifest ?? []);
    },
    async listRuntimesTagged(keyPrefix) {
      const rows = await database
        .selectFrom('tags')
        .select('arn')
        .distinct()
        .where('key', '>=', keyPrefix)
        .where('key', '<', `${keyPrefix}\u{10ffff}`)
        .execute();
      return rows.flatMap(({ arn }) => {
        const named = parseResourceArn(arn);
        return named.kind === 'runtime' ? [named.runtimeId] : [];
      });
    },
    async isManifestUsed(manifest) {
      const row = await database
        .selectFrom('runtime_versions')
        .select('version')
        .where('manifest', '=', manifest)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

async function withNewestVersions(database: Database, rows: readonly RuntimeRow[]): Promise<ListedRuntime[]> {
  if (rows.length === 0) return [];
  const versions = await database
    .selectFrom('runtime_versions')
    .innerJoin('runtimes', (join) =>
      join
        .onRef('runtimes.runtime_id', '=', 'runtime_versions.runtime_id')
        .onRef('runtimes.newest_version', '=', 'runtime_versions.version'),
    )
    .selectAll('runtime_versions')
    .where(
      'runtime_versions.runtime_id',
      'in',
      rows.map((row) => row.runtime_id),
    )
    .execute();
  const newest = new Map(versions.map((row) => [row.runtime_id, toVersion(row)]));
  return rows.flatMap((row) => {
    const version = newest.get(row.runtime_id);
    return version === undefined ? [] : { runtime: toRuntime(row), version };
  });
}
