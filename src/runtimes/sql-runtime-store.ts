import type { RuntimeId, Scope } from '../shared/ids.ts';
import type { Database, OpenDatabase } from '../storage/database.ts';
import type { JobQueue } from '../storage/job-queue.ts';
import { putPolicy, removeAllPolicies, removePolicy } from '../storage/resource-policies.ts';
import { putTags, removeAllTags, removeTags } from '../storage/resource-tags.ts';
import { endpointArn, parseResourceArn, runtimeArn, workloadIdentityArn } from './arns.ts';
import type { RuntimeRecords, RuntimeStore } from './runtime-store.ts';
import { sqlRuntimeReads } from './sql-runtime-reads.ts';
import { fromEndpoint, fromRuntime, fromVersion } from './sql-runtime-rows.ts';

/** Rows of workload identities, written in the transaction of the runtime they belong to. */
export interface RuntimeIdentityRows {
  /** Adds the identity of a runtime; does nothing when it is there. */
  insertForRuntime(
    transaction: Database,
    identity: { scope: Scope; name: string; runtimeId: RuntimeId; createdAtMs: number },
  ): Promise<void>;
  remove(transaction: Database, scope: Scope, name: string): Promise<void>;
}

export function createSqlRuntimeStore(parts: {
  readonly database: OpenDatabase;
  readonly identities: RuntimeIdentityRows;
  readonly jobs: Pick<JobQueue, 'enqueue' | 'wake'>;
}): RuntimeStore {
  const { database, identities, jobs } = parts;
  const listeners = new Set<(runtimeId: RuntimeId) => void>();
  return {
    ...sqlRuntimeReads(database),
    async transact(run) {
      const changed = new Set<RuntimeId>();
      let hasJobs = false;
      const result = await database.transaction().execute((transaction) =>
        run({
          ...recordsIn(transaction, identities, (runtimeId) => changed.add(runtimeId)),
          async enqueue({ kind, ...payload }) {
            hasJobs = true;
            await jobs.enqueue(transaction, { kind, payload });
          },
        }),
      );
      database.afterCommit(() => {
        for (const runtimeId of changed) for (const listener of listeners) listener(runtimeId);
        if (hasJobs) jobs.wake();
      });
      return result;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function recordsIn(
  transaction: Database,
  identities: RuntimeIdentityRows,
  changed: (runtimeId: RuntimeId) => void,
): Omit<RuntimeRecords, 'enqueue'> {
  const touched = (arn: string) => {
    const name = parseResourceArn(arn);
    if (name.kind === 'runtime' || name.kind === 'endpoint') changed(name.runtimeId);
  };
  return {
    ...sqlRuntimeReads(transaction),
    async saveRuntime(runtime) {
      changed(runtime.id);
      const row = fromRuntime(runtime);
      await transaction
        .insertInto('runtimes')
        .values(row)
        .onConflict((conflict) => conflict.column('runtime_id').doUpdateSet(row))
        .execute();
      const { id: runtimeId, workloadIdentityName: name, createdAtMs } = runtime;
      await identities.insertForRuntime(transaction, { scope: runtime, name, runtimeId, createdAtMs });
    },
    async saveVersion(version) {
      changed(version.runtimeId);
      const row = fromVersion(version);
      await transaction
        .insertInto('runtime_versions')
        .values(row)
        .onConflict((conflict) => conflict.columns(['runtime_id', 'version']).doUpdateSet(row))
        .execute();
    },
    async saveEndpoint(endpoint) {
      changed(endpoint.runtimeId);
      const row = fromEndpoint(endpoint);
      await transaction
        .insertInto('runtime_endpoints')
        .values(row)
        .onConflict((conflict) => conflict.columns(['runtime_id', 'name']).doUpdateSet(row))
        .execute();
    },
    async removeRuntime(runtime) {
      changed(runtime.id);
      await transaction.deleteFrom('runtimes').where('runtime_id', '=', runtime.id).execute();
      await removeAllTags(transaction, runtimeArn(runtime, runtime.id));
      await removeAllPolicies(transaction, runtimeArn(runtime, runtime.id));
      await identities.remove(transaction, runtime, runtime.workloadIdentityName);
      await removeAllTags(transaction, workloadIdentityArn(runtime, runtime.workloadIdentityName));
    },
    async removeVersion({ runtimeId, version }) {
      changed(runtimeId);
      await transaction
        .deleteFrom('runtime_versions')
        .where('runtime_id', '=', runtimeId)
        .where('version', '=', version)
        .execute();
    },
    async removeEndpoint(runtime, name) {
      changed(runtime.id);
      await transaction
        .deleteFrom('runtime_endpoints')
        .where('runtime_id', '=', runtime.id)
        .where('name', '=', name)
        .execute();
      await removeAllTags(transaction, endpointArn(runtime, runtime.id, name));
      await removePolicy(transaction, endpointArn(runtime, runtime.id, name));
    },
    async putTags(arn, tags) {
      touched(arn);
      await putTags(transaction, arn, tags);
    },
    async removeTags(arn, keys) {
      touched(arn);
      await removeTags(transaction, arn, keys);
    },
    async putPolicy(arn, policy, atMs) {
      touched(arn);
      await putPolicy(transaction, arn, policy, atMs);
    },
    async removePolicy(arn) {
      touched(arn);
      await removePolicy(transaction, arn);
    },
  };
}
