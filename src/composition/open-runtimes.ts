import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { knownActions } from '../api/known-actions.ts';
import { createStoredAccessFacts } from '../api/stored-access-facts.ts';
import type { Config } from '../config/config.ts';
import type { RuntimeChanges } from '../handover/runtime-changes.ts';
import { workloadIdentityRows } from '../identity/sql-workload-identity-store.ts';
import type { Events } from '../observability/events.ts';
import type { ArtifactPreparation } from '../runtimes/artifact-preparation.ts';
import { createCachedInvocationTargets } from '../runtimes/cached-invocation-targets.ts';
import { handleRuntimeJobs } from '../runtimes/handle-runtime-jobs.ts';
import { createSqlRuntimeStore } from '../runtimes/sql-runtime-store.ts';
import { createAdmissionGate } from '../sandboxes/admission.ts';
import { readAvailableMemory } from '../sandboxes/admission-memory.ts';
import { type NamedNetworks, namedNetworkPolicy } from '../sandboxes/containerd/network/named-networks.ts';
import { readAvailableTasks } from '../sandboxes/admission-tasks.ts';
import { MemoryExpectations } from '../sandboxes/memory-expectations.ts';
import type { HostDisk } from '../sandboxes/host-disk.ts';
import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { StorageVolumes } from '../sandboxes/storage-volumes.ts';
import type { SandboxLogArchive } from '../sandboxes/sandbox-log-archive.ts';
import { HttpAgentProbe } from '../sessions/http-agent-probe.ts';
import { sandboxEnvironment } from '../sessions/sandbox-environment.ts';
import { SessionRegistry } from '../sessions/session-registry.ts';
import { SessionStorages } from '../sessions/session-storages.ts';
import { sqlSessionStorageStore } from '../sessions/sql-session-storage-store.ts';
import { SqlSessionStore } from '../sessions/sql-session-store.ts';
import { createPoolPlans } from '../sessions/warm-pool/pool-plans.ts';
import { SqlPoolStore } from '../sessions/warm-pool/sql-pool-store.ts';
import type { Clock } from '../shared/clock.ts';
import type { Steps } from '../shared/steps.ts';
import type { RandomSource, Scope } from '../shared/ids.ts';
import type { OpenDatabase } from '../storage/database.ts';
import type { SealedBox } from '../storage/sealed-box.ts';
import { SealedCheckpoints } from '../storage/sealed-checkpoints.ts';
import { JobQueue } from '../storage/job-queue.ts';

export interface RuntimesParts {
  readonly config: Config;
  readonly database: OpenDatabase;
  /** Of the server, the same after a restart: it owns sessions and jobs. */
  readonly tag: string;
  readonly driver: SandboxDriver;
  readonly volumes: StorageVolumes;
  readonly hostDisk: HostDisk;
  readonly logs: SandboxLogArchive;
  readonly preparation: ArtifactPreparation;
  readonly sealedBox: SealedBox;
  /** Counts a new session against its rate; throws `throttled`. */
  readonly takeNewSession: (scope: Scope) => void;
  /** Base of the internal listener's URLs, as sandboxes know it. */
  readonly internalUrl: string;
  /** The same at the data plane's AWS name, when there is TLS. */
  readonly awsUrl: string | undefined;
  /** Of the network mode VPC. */
  readonly networks: NamedNetworks;
  readonly events: Events;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Runtimes, their jobs and their sessions; nothing runs before `jobs.start()` and `sessions.recover()`. */
export function openRuntimes(parts: RuntimesParts) {
  const { config, database, tag, driver, logs, preparation, internalUrl, awsUrl, events, clock, random } =
    parts;
  const jobs = new JobQueue({ database, clock, random, holder: tag, events });
  const store = createSqlRuntimeStore({ database, identities: workloadIdentityRows, jobs });
  const targets = createCachedInvocationTargets(store);
  const scope = { accountId: config.accountId, region: config.region };
  const facts = createStoredAccessFacts({ scope, store, knownActions: knownActions() });
  const expectations = new MemoryExpectations();
  const gate = createAdmissionGate({
    ...config.admission,
    cpus: availableParallelism(),
    availableMemoryBytes: readAvailableMemory,
    expectedMemoryBytes: (owner) => expectations.of(owner),
    availableTasks: readAvailableTasks,
    onShortage: () => void sessions.giveUpPooled(1),
    clock,
    maxWaitMs: config.sandbox.startTimeoutMs,
  });
  const storageStore = sqlSessionStorageStore(database);
  const sessions = new SessionRegistry({
    vault: new SealedCheckpoints({
      dir: join(config.home, 'checkpoints'),
      disk: parts.hostDisk,
      database,
      sealedBox: parts.sealedBox,
      clock,
      random,
      steps: parts.steps,
    }),
    storages: new SessionStorages({
      ...config.sessionStorage,
      store: storageStore,
      volumes: parts.volumes,
      clock,
    }),
    driver,
    logs,
    targets,
    activeSessions: config.quotas.activeSessions,
    takeNewSession: parts.takeNewSession,
    waitLimitMs: config.sandbox.startTimeoutMs,
    gate,
    probe: new HttpAgentProbe({ clock }),
    environmentOf: (scope, version) =>
      sandboxEnvironment({ internalUrl, awsUrl, publicUrl: config.publicUrl, scope, version }),
    optionsOf: targets.findOptions.bind(targets),
    networkOf: (network) => namedNetworkPolicy(parts.networks, network),
    limits: config.sandbox,
    isolation: config.engine.isolation,
    startTimeoutMs: config.sandbox.startTimeoutMs,
    store: new SqlSessionStore({ database }),
    warmPool: {
      store: new SqlPoolStore({ database }),
      plans: createPoolPlans({ store, targets }),
      maxSandboxes: config.quotas.pooledSandboxes,
    },
    events,
    clock,
    random,
    holder: tag,
    ownershipMs: 60_000,
    pingIntervalMs: config.sessions.pingIntervalMs,
    stopGraceMs: config.sandbox.stopGraceMs,
    isStrict: config.sessions.strictBusy,
    steps: parts.steps,
  });
  const preparer = handleRuntimeJobs({
    store,
    preparation,
    isolationOf: async (runtimeId) =>
      (await targets.findOptions(runtimeId)).isolation ?? config.engine.isolation,
    sessions,
    events,
    clock,
    handle: jobs.handle.bind(jobs),
  });
  const changes: RuntimeChanges = {
    onChange: (listener) => store.onChange(listener),
    noteChange: (runtimeId) => {
      targets.forget(runtimeId);
      facts.forget(runtimeId);
      jobs.wake();
    },
    noteAll: () => {
      targets.forgetAll();
      facts.forgetAll();
      jobs.wake();
    },
  };
  return { store, storageStore, targets, facts, jobs, sessions, gate, preparer, expectations, changes };
}
