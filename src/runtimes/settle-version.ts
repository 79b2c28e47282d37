import type { LifecycleStatus, RuntimeEndpoint, RuntimeVersion } from './runtime.ts';
import { isBeingDeleted } from './require-runtime.ts';
import type { RuntimeRecords } from './runtime-store.ts';

/** How preparing a version ended. */
export type PreparationOutcome = { readonly manifest: string } | { readonly failureReason: string };

/** Brings a version, its runtime and the endpoints that wait for it to the state that follows from `outcome`. */
export async function settleVersion(
  records: RuntimeRecords,
  prepared: Pick<RuntimeVersion, 'runtimeId' | 'version'>,
  outcome: PreparationOutcome,
  nowMs: number,
): Promise<void> {
  const { runtimeId, version: number } = prepared;
  const version = await records.findVersion(runtimeId, number);
  const runtime = await records.findRuntime(runtimeId);
  if (version === undefined || runtime === undefined || !isPending(version.status)) return;
  if (isBeingDeleted(runtime.status)) return;
  const settled = { ...settledState(version.status, outcome), lastUpdatedAtMs: nowMs };
  const isReady = 'manifest' in outcome;
  await records.saveVersion({
    ...version,
    ...settled,
    artifact: isReady ? { ...version.artifact, manifest: outcome.manifest } : version.artifact,
  });
  if (runtime.newestVersion === number) {
    await records.saveRuntime({
      ...runtime,
      ...settled,
      servedVersion: isReady ? number : runtime.servedVersion,
    });
  }
  for (const endpoint of await records.listEndpointsAt(runtimeId, number)) {
    if (endpoint.targetVersion === number) await settleEndpoint(records, endpoint, outcome, nowMs);
  }
}

/** The endpoint serves its target from now on, or stays with what it served. */
export async function settleEndpoint(
  records: RuntimeRecords,
  endpoint: RuntimeEndpoint,
  outcome: PreparationOutcome,
  nowMs: number,
): Promise<void> {
  if (!isPending(endpoint.status)) return;
  await records.saveEndpoint({
    ...endpoint,
    ...settledState(endpoint.status, outcome),
    liveVersion: 'manifest' in outcome ? endpoint.targetVersion : endpoint.liveVersion,
    lastUpdatedAtMs: nowMs,
  });
}

function isPending(status: LifecycleStatus): boolean {
  return status === 'CREATING' || status === 'UPDATING';
}

function settledState(
  status: LifecycleStatus,
  outcome: PreparationOutcome,
): { status: LifecycleStatus; failureReason: string | undefined } {
  if ('manifest' in outcome) return { status: 'READY', failureReason: undefined };
  return {
    status: status === 'CREATING' ? 'CREATE_FAILED' : 'UPDATE_FAILED',
    failureReason: outcome.failureReason,
  };
}
