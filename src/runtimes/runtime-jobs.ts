import type { Clock } from '../shared/clock.ts';
import { mayPass, messageOf } from '../shared/errors.ts';
import type { RuntimeId } from '../shared/ids.ts';
import type { ArtifactGate } from './artifact-gate.ts';
import type { ArtifactPreparation, SessionsOfRuntime } from './artifact-preparation.ts';
import type { RuntimeEvents } from './runtime-events.ts';
import type { RuntimeJob, RuntimeStore } from './runtime-store.ts';
import { settleEndpoint } from './settle-version.ts';
import type { VersionPreparer } from './version-preparer.ts';

export interface RuntimeJobParts {
  readonly store: RuntimeStore;
  readonly preparer: Pick<VersionPreparer, 'prepare' | 'abandon'>;
  readonly artifacts: Pick<ArtifactPreparation, 'restore' | 'forget'>;
  readonly sessions: SessionsOfRuntime;
  readonly gate: ArtifactGate;
  readonly events: Pick<RuntimeEvents, 'runtimeDeleted' | 'deleteFailed'>;
  readonly clock: Clock;
}

interface Attempt {
  readonly attempt: number;
  readonly signal: AbortSignal;
}

export type RunJob = (payload: unknown, attempt: Attempt) => Promise<void | { readonly againInMs: number }>;
type PayloadOf<Kind extends RuntimeJob['kind']> = Extract<RuntimeJob, { kind: Kind }>;

/** What each kind of job does; the queue that runs them is the server's. Every one may meet its own half-done work. */
export function createRuntimeJobs(parts: RuntimeJobParts): Readonly<Record<RuntimeJob['kind'], RunJob>> {
  return {
    'prepare-version': (payload, attempt) => {
      const { runtimeId, version } = payload as PayloadOf<'prepare-version'>;
      return parts.preparer.prepare(runtimeId, version, attempt);
    },
    'roll-out-endpoint': (payload) => rollOut(parts, payload as PayloadOf<'roll-out-endpoint'>),
    'delete-runtime': (payload, attempt) =>
      deleteRuntime(parts, (payload as PayloadOf<'delete-runtime'>).runtimeId, attempt),
    'delete-version': (payload) => deleteVersion(parts, payload as PayloadOf<'delete-version'>),
    'forget-artifact': (payload) => forget(parts, (payload as PayloadOf<'forget-artifact'>).manifest),
  };
}

/** After so many failed attempts a deletion counts as failed, although it is tried on. */
const attemptsBeforeFailed = 5;
const forgetAgainInMs = 30_000;

async function rollOut(
  { store, artifacts, clock }: RuntimeJobParts,
  { runtimeId, endpointName }: PayloadOf<'roll-out-endpoint'>,
): Promise<void> {
  const wanted = await store.findEndpoint(runtimeId, endpointName);
  const version = wanted && (await store.findVersion(runtimeId, wanted.targetVersion));
  const problem = await restoreProblem(artifacts, version?.artifact.manifest);
  await store.transact(async (records) => {
    const endpoint = await records.findEndpoint(runtimeId, endpointName);
    if (endpoint === undefined) return;
    const target = await records.findVersion(runtimeId, endpoint.targetVersion);
    // The preparation of a pending version settles the endpoints that wait for it.
    if (target?.status === 'CREATING' || target?.status === 'UPDATING') return;
    const { manifest } = target?.artifact ?? {};
    const outcome =
      target?.status === 'READY' && manifest !== undefined && problem === undefined
        ? { manifest }
        : { failureReason: problem ?? target?.failureReason ?? `Version ${endpoint.targetVersion} is gone.` };
    await settleEndpoint(records, endpoint, outcome, clock.now());
  });
}

/** Why the image of an older version cannot be had any more; undefined when it is there. Rejects with what may pass. */
async function restoreProblem(
  artifacts: Pick<ArtifactPreparation, 'restore'>,
  manifest: string | undefined,
): Promise<string | undefined> {
  if (manifest === undefined) return undefined;
  try {
    await artifacts.restore(manifest);
    return undefined;
  } catch (error) {
    if (mayPass(error)) throw error;
    return messageOf(error);
  }
}

async function deleteRuntime(
  parts: RuntimeJobParts,
  runtimeId: RuntimeId,
  { attempt }: Attempt,
): Promise<void> {
  const { store, sessions, preparer, events } = parts;
  const known = await store.findRuntime(runtimeId);
  if (known === undefined) return;
  preparer.abandon(runtimeId);
  try {
    await sessions.endAll(runtimeId);
    await store.transact(async (records) => {
      const manifests = new Set<string>();
      for (const version of await records.listVersions(runtimeId, { limit: 100_000, after: undefined })) {
        if (version.artifact.manifest !== undefined) manifests.add(version.artifact.manifest);
      }
      await records.removeRuntime(known);
      for (const manifest of manifests) await records.enqueue({ kind: 'forget-artifact', manifest });
    });
  } catch (error) {
    if (attempt === attemptsBeforeFailed) await markDeleteFailed(parts, runtimeId, error);
    throw error;
  }
  // A call that had found its target just before DELETING may have begun a session since.
  await sessions.endAll(runtimeId);
  events.runtimeDeleted({ runtimeId });
}

async function markDeleteFailed(
  { store, events, clock }: RuntimeJobParts,
  runtimeId: RuntimeId,
  error: unknown,
): Promise<void> {
  await store.transact(async (records) => {
    const runtime = await records.findRuntime(runtimeId);
    if (runtime === undefined) return;
    const failureReason = `Its sessions cannot be ended: ${messageOf(error)}`;
    await records.saveRuntime({
      ...runtime,
      status: 'DELETE_FAILED',
      failureReason,
      lastUpdatedAtMs: clock.now(),
    });
  });
  events.deleteFailed({ runtimeId, error });
}

async function deleteVersion(
  { store, sessions }: RuntimeJobParts,
  { runtimeId, version: number }: PayloadOf<'delete-version'>,
): Promise<void> {
  if ((await store.findVersion(runtimeId, number)) === undefined) return;
  await sessions.endAll(runtimeId, number);
  await store.transact(async (records) => {
    const version = await records.findVersion(runtimeId, number);
    if (version === undefined) return;
    await records.removeVersion(version);
    const { manifest } = version.artifact;
    if (manifest !== undefined) await records.enqueue({ kind: 'forget-artifact', manifest });
  });
  await sessions.endAll(runtimeId, number);
}

async function forget(
  { store, artifacts, gate }: RuntimeJobParts,
  manifest: string,
): Promise<void | { againInMs: number }> {
  const isDone = await gate.tryForget(async () => {
    if (!(await store.isManifestUsed(manifest))) await artifacts.forget(manifest);
  });
  return isDone ? undefined : { againInMs: forgetAgainInMs };
}
