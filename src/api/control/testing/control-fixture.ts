import assert from 'node:assert/strict';
import type { KeyPrincipal } from '../../../auth/principal.ts';
import {
  createSqlWorkloadIdentityStore,
  workloadIdentityRows,
} from '../../../identity/sql-workload-identity-store.ts';
import { WorkloadIdentities } from '../../../identity/workload-identities.ts';
import { ArtifactGate } from '../../../runtimes/artifact-gate.ts';
import { workloadIdentityArn } from '../../../runtimes/arns.ts';
import { createCachedInvocationTargets } from '../../../runtimes/cached-invocation-targets.ts';
import { RuntimeEndpoints } from '../../../runtimes/runtime-endpoints.ts';
import { createRuntimeJobs } from '../../../runtimes/runtime-jobs.ts';
import { Runtimes } from '../../../runtimes/runtimes.ts';
import { createSqlRuntimeStore } from '../../../runtimes/sql-runtime-store.ts';
import { VersionPreparer } from '../../../runtimes/version-preparer.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { BerthError } from '../../../shared/errors.ts';
import { type AccountId, systemRandom } from '../../../shared/ids.ts';
import { type OpenDatabase, openDatabase } from '../../../storage/database.ts';
import { JobQueue } from '../../../storage/job-queue.ts';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import type { OperationContext } from '../../operation.ts';
import { createControlOperations } from '../control-operations.ts';
import type { IssuerProblem } from '../jwt-authorizer-settings.ts';
import { ResourceTagging } from '../resource-tagging.ts';
import { FakePreparation } from './fake-preparation.ts';

export interface FixtureOptions {
  readonly database?: OpenDatabase;
  readonly clock?: FakeClock;
  readonly preparation?: FakePreparation;
  readonly quotas?: Partial<typeof generousQuotas>;
  readonly issuerProblem?: IssuerProblem;
}

const generousQuotas = {
  runtimes: 1_000,
  versionsPerRuntime: 1_000,
  endpointsPerRuntime: 10,
  workloadIdentities: 1_000,
};

/** The control plane's operations over a real database and job queue; images and sessions are a test's. */
export async function controlFixture(options: FixtureOptions = {}) {
  const database = options.database ?? (await openDatabase(':memory:'));
  const clock = options.clock ?? new FakeClock();
  const preparation = options.preparation ?? new FakePreparation();
  const quotas = { ...generousQuotas, ...options.quotas };
  const random = systemRandom;
  const endedSessions: string[] = [];
  const sessions = {
    endAll: async (runtimeId: string, version?: number): Promise<void> => {
      endedSessions.push(version === undefined ? runtimeId : `${runtimeId} ${version}`);
    },
  };
  const runtimeEvents: string[] = [];
  const events = {
    versionReady: () => void runtimeEvents.push('ready'),
    versionFailed: () => void runtimeEvents.push('failed'),
    runtimeDeleted: () => void runtimeEvents.push('deleted'),
    deleteFailed: () => void runtimeEvents.push('delete-failed'),
    jobFailed: () => void runtimeEvents.push('job-failed'),
    jobQueueStalled: (error: unknown) => assert.fail(String(error)),
  };
  const jobs = new JobQueue({ database, clock, random, holder: 'server', events });
  const store = createSqlRuntimeStore({ database, identities: workloadIdentityRows, jobs });
  const gate = new ArtifactGate();
  const preparer = new VersionPreparer({ store, preparation, gate, events, clock });
  const handlers = createRuntimeJobs({
    store,
    preparer,
    artifacts: preparation,
    sessions,
    gate,
    events,
    clock,
  });
  for (const [kind, handler] of Object.entries(handlers)) jobs.handle(kind, handler);
  const identityStore = createSqlWorkloadIdentityStore({ database });
  const operations = createControlOperations({
    runtimes: new Runtimes({ store, quotas, clock, random }),
    endpoints: new RuntimeEndpoints({ store, quotas, clock }),
    store,
    identities: new WorkloadIdentities({ store: identityStore, quotas, clock, arnOf: workloadIdentityArn }),
    tagging: new ResourceTagging({ database, runtimes: store, identities: identityStore }),
    issuerProblem: options.issuerProblem ?? (() => undefined),
  });
  const targets = createCachedInvocationTargets(store);
  await jobs.start();
  return {
    ...{ database, clock, preparation, operations, targets, store, preparer, jobs },
    ...{ endedSessions, sessions, runtimeEvents },
    /** Lets all work that is due be done. */
    settle: () => jobs.settled(),
    async [Symbol.asyncDispose]() {
      await jobs[Symbol.asyncDispose]();
    },
  };
}

export type ControlFixture = Awaited<ReturnType<typeof controlFixture>>;

/** The caller of most tests. */
export const caller = contextOf('111122223333', 'us-east-1');

export function contextOf(accountId: string, region: string): OperationContext {
  const principal: KeyPrincipal = {
    kind: 'access-key',
    accountId: accountId as AccountId,
    region,
    accessKeyId: 'AKIATEST',
    role: 'admin',
  };
  return { principal, requestId: 'request', signal: new AbortController().signal };
}

/** The least that CreateAgentRuntime and UpdateAgentRuntime want. */
export function settingsOf(containerUri: string) {
  return {
    agentRuntimeArtifact: { containerConfiguration: { containerUri } },
    roleArn: 'arn:aws:iam::111122223333:role/agent',
  };
}

/** A runtime that is READY, with its id. */
export async function readyRuntime(
  fixture: ControlFixture,
  name = 'echo',
  image = 'echo:v1',
): Promise<string> {
  const { agentRuntimeId } = await fixture.operations.CreateAgentRuntime(
    { agentRuntimeName: name, ...settingsOf(image) },
    caller,
  );
  await fixture.settle();
  return agentRuntimeId;
}

/** For assert.rejects: a failure with this code whose message says `pattern`. */
export function failure(code: ErrorCode, pattern: RegExp = /./) {
  return (error: unknown) => {
    assert.ok(error instanceof BerthError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    return true;
  };
}
