import type { Config } from '../config/config.ts';
import { workloadIdentityRows } from '../identity/sql-workload-identity-store.ts';
import type { Events } from '../observability/events.ts';
import { ArtifactGate } from '../runtimes/artifact-gate.ts';
import type { ArtifactPreparation } from '../runtimes/artifact-preparation.ts';
import { createCachedInvocationTargets } from '../runtimes/cached-invocation-targets.ts';
import { createRuntimeJobs } from '../runtimes/runtime-jobs.ts';
import { createSqlRuntimeStore } from '../runtimes/sql-runtime-store.ts';
import { VersionPreparer } from '../runtimes/version-preparer.ts';
import { createAdmissionGate } from '../sandboxes/admission.ts';
import { readAvailableMemory } from '../sandboxes/admission-memory.ts';
import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { SandboxLogArchive } from '../sandboxes/sandbox-log-archive.ts';
import { HttpAgentProbe } from '../sessions/http-agent-probe.ts';
import { sandboxEnvironment } from '../sessions/sandbox-environment.ts';
import { SessionRegistry } from '../sessions/session-registry.ts';
import { SqlSessionStore } from '../sessions/sql-session-store.ts';
import type { Clock } from '../shared/clock.ts';
import type { RandomSource, Scope } from '../shared/ids.ts';
import type { OpenDatabase } from '../storage/database.ts';
import { JobQueue } from '../storage/job-queue.ts';

export interface RuntimesParts {
  readonly config: Config;
  readonly database: OpenDatabase;
  /** Of the server, the same after a restart: it owns sessions and jobs. */
  readonly tag: string;
  readonly driver: SandboxDriver;
  readonly logs: SandboxLogArchive;
  readonly preparation: ArtifactPreparation;
  /** Counts a new session against its rate; throws `throttled`. */
  readonly takeNewSession: (scope: Scope) => void;
  /** Base of the internal listener's URLs, as sandboxes know it. */
  readonly internalUrl: string;
  /** The same at the data plane's AWS name, when there is TLS. */
  readonly awsUrl: string | undefined;
  readonly events: Events;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Some registries do not answer for minutes; the others' images must not wait for them. */
const concurrencyOf: Readonly<Record<string, number>> = { 'prepare-version': 16 };

/** Runtimes, their jobs and their sessions; nothing runs before `jobs.start()` and `sessions.recover()`. */
export function openRuntimes(parts: RuntimesParts) {
  const { config, database, tag, driver, logs, preparation, internalUrl, awsUrl, events, clock, random } =
    parts;
  const jobs = new JobQueue({ database, clock, random, holder: tag, events });
  const store = createSqlRuntimeStore({ database, identities: workloadIdentityRows, jobs });
  const targets = createCachedInvocationTargets(store);
  const gate = createAdmissionGate({
    ...config.admission,
    availableMemoryBytes: readAvailableMemory,
    clock,
    maxWaitMs: config.sandbox.startTimeoutMs,
  });
  const sessions = new SessionRegistry({
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
    limits: config.sandbox,
    isolation: config.engine.isolation,
    startTimeoutMs: config.sandbox.startTimeoutMs,
    store: new SqlSessionStore({ database }),
    events,
    clock,
    random,
    holder: tag,
    ownershipMs: 60_000,
    pingIntervalMs: config.sessions.pingIntervalMs,
    stopGraceMs: config.sandbox.stopGraceMs,
    isStrict: config.sessions.strictBusy,
  });
  const artifactGate = new ArtifactGate();
  const preparer = new VersionPreparer({ store, preparation, gate: artifactGate, events, clock });
  const handlers = createRuntimeJobs({
    store,
    preparer,
    artifacts: preparation,
    sessions,
    gate: artifactGate,
    events,
    clock,
  });
  for (const [kind, handler] of Object.entries(handlers)) jobs.handle(kind, handler, concurrencyOf[kind]);
  return { store, targets, jobs, sessions, gate, preparer };
}
