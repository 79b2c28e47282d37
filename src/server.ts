import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { registerAdminApi } from './api/admin/register-admin-api.ts';
import { registerHealth } from './api/admin/register-health.ts';
import { SandboxLogsView } from './api/admin/sandbox-logs-view.ts';
import { createControlOperations } from './api/control/control-operations.ts';
import { ResourceTagging } from './api/control/resource-tagging.ts';
import { ControlPlane } from './api/control-plane.ts';
import { createDataPlane } from './api/data/data-plane.ts';
import { TargetAuthenticator } from './api/data/target-authenticator.ts';
import { Idempotency } from './api/idempotency.ts';
import { loadServiceOperations } from './api/model/service-operation.ts';
import { RateLimits } from './api/rate-limits.ts';
import { registerDevelopmentIssuer } from './api/register-development-issuer.ts';
import { openPublicListener } from './api/public-listener.ts';
import { RegistryApi } from './api/registry/registry-api.ts';
import { RegistryLogin } from './api/registry/registry-login.ts';
import { SpoolBudget } from './api/spool-budget.ts';
import { AccessKeys } from './auth/access-keys.ts';
import { authorize } from './auth/authorize.ts';
import { RegistryAuthenticator } from './auth/registry-authenticator.ts';
import { RegistryTokens } from './auth/registry-token.ts';
import { SigV4Authenticator } from './auth/sigv4/sigv4-authenticator.ts';
import { SqlAccessKeyStore } from './auth/sql-access-key-store.ts';
import { every } from './composition/every.ts';
import { internalPort, openInternalListeners } from './composition/internal-listeners.ts';
import { isLoopbackOnly } from './composition/is-loopback-only.ts';
import { openBearerCallers } from './composition/open-bearer-callers.ts';
import { openImages } from './composition/open-images.ts';
import { openRuntimes } from './composition/open-runtimes.ts';
import { openSandboxes } from './composition/open-sandboxes.ts';
import { openTelemetry } from './composition/open-telemetry.ts';
import { type ClientTls, openTls } from './composition/open-tls.ts';
import { createReadinessCheck } from './composition/readiness.ts';
import { requireIsolation } from './composition/require-isolation.ts';
import type { Config } from './config/config.ts';
import { createSqlWorkloadIdentityStore } from './identity/sql-workload-identity-store.ts';
import { WorkloadIdentities } from './identity/workload-identities.ts';
import { Events } from './observability/events.ts';
import { createLogger } from './observability/logger.ts';
import { Metrics } from './observability/metrics.ts';
import { stderrOutput } from './observability/stderr-output.ts';
import { workloadIdentityArn } from './runtimes/arns.ts';
import { RuntimeEndpoints } from './runtimes/runtime-endpoints.ts';
import { Runtimes } from './runtimes/runtimes.ts';
import { DiskGuard } from './sandboxes/disk-guard.ts';
import { hostDisk } from './sandboxes/host-disk.ts';
import { createSandboxLogArchive } from './sandboxes/sandbox-log-archive.ts';
import { SessionAliases } from './sessions/session-aliases.ts';
import type { Session } from './sessions/session.ts';
import { SqlSessionAliasStore } from './sessions/sql-session-alias-store.ts';
import { systemClock } from './shared/clock.ts';
import { type RuntimeId, type SessionId, systemRandom } from './shared/ids.ts';
import { keepBallast } from './storage/ballast.ts';
import { openDatabase } from './storage/database.ts';
import { lockHome } from './storage/home-lock.ts';
import { IdempotencyStore } from './storage/idempotency-store.ts';
import { loadServerIdentity } from './storage/server-identity.ts';

/** A server that listens. Disposing drains it: no new work, then the running calls, then release. Sandboxes go on running. */
export interface RunningServer extends AsyncDisposable {
  /** Where clients reach it. */
  readonly url: string;
  readonly engine: {
    readonly description: string;
    readonly isolation: string;
    readonly warnings: readonly string[];
  };
  /** The admin key of the first start; also in `credentials` of the home directory. */
  readonly credentials: {
    readonly url: string;
    readonly region: string;
    readonly accountId: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly tls?: ClientTls;
  };
  /** Sandboxes that go on running when the server ends. */
  countSandboxes(): Promise<number>;
}

export interface StartOptions {
  readonly masterKey: Uint8Array;
  readonly version: string;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const gib = 1024 ** 3;
/** Of the disk that holds the home directory; below it nothing new takes room. */
const diskReserveBytes = gib;

/**
 * The composition root: every part is built here by hand, in the order in which they need each other. Rejects with a
 * `BerthError` that says what keeps the server from starting; nothing is then left open.
 */
export async function startServer(
  config: Config,
  { masterKey, version }: StartOptions,
): Promise<RunningServer> {
  await using stack = new AsyncDisposableStack();
  const clock = systemClock;
  const random = systemRandom;
  const scope = { accountId: config.accountId, region: config.region };
  const startedAtMs = clock.now();

  // Under memory pressure sandboxes go first; without the right to say so (in a container) they still do, by their own score.
  await writeFile('/proc/self/oom_score_adj', '-500').catch(() => {});
  await mkdir(config.home, { recursive: true, mode: 0o700 });
  const homeDisk = hostDisk(config.home, diskReserveBytes);
  stack.use(lockHome(config.home));
  const ballast = async () => keepBallast(config.home, await homeDisk.freeBytes());
  const ballastAtStart = await ballast();
  const database = await openDatabase(join(config.home, 'berth.db'));
  stack.defer(() => database.destroy());
  const identity = await loadServerIdentity(database, masterKey, random);

  const log = createLogger({ level: config.logLevel, output: stderrOutput(process.stderr.isTTY) });
  const metrics = new Metrics();
  const events = new Events({ logger: log, metrics });
  const telemetry = stack.use(await openTelemetry({ config, version, metrics, log, clock, random }));
  if (ballastAtStart === 'given up')
    log.warn({ home: config.home }, 'the disk is full: the ballast was given up; make room');

  // Who is calling.
  const accessKeys = new AccessKeys({
    store: new SqlAccessKeyStore({ database, sealedBox: identity.sealedBox }),
    scope,
    clock,
    random,
  });
  const { key: adminKey } = await accessKeys.ensureFirstAdminKey();
  const authenticator = new SigV4Authenticator({ accessKeys, clock, region: config.region });
  const { tokens, developmentIssuer, issuerProblem } = openBearerCallers({
    config,
    database,
    sealedBox: identity.sealedBox,
    events,
    clock,
    random,
  });
  const registryTokens = new RegistryTokens({ serverSecret: identity.signingSecret, clock });
  const tls = await openTls({ config, sealedBox: identity.sealedBox, clock, log });
  if (tls !== undefined) stack.use(tls);
  const credentials = {
    ...(tls !== undefined && { tls: tls.forClients }),
    url: config.publicUrl,
    region: config.region,
    accountId: config.accountId,
    accessKeyId: adminKey.id,
    secretAccessKey: adminKey.secret,
  };
  const credentialsFile = join(config.home, 'credentials');
  await writeFile(credentialsFile, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  await chmod(credentialsFile, 0o600);

  const { driver, blobs, internalHost } = stack.use(
    await openSandboxes({
      config,
      tag: identity.tag,
      internalPort,
      internalTls: tls?.forSandboxes,
      hostDisk: homeDisk,
      clock,
      random,
      log,
    }),
  );
  const logs = stack.use(
    createSandboxLogArchive({
      dir: join(config.home, 'logs'),
      maxBytes: config.sandbox.logMaxBytes,
      clock,
      log,
    }),
  );
  const images = stack.use(
    openImages({ config, database, sealedBox: identity.sealedBox, blobs, driver, events, clock, random }),
  );
  const { preparation, repositories, repositoryStore, uploads, registryCredentials } = images;

  const rateLimits = new RateLimits({ clock });
  const {
    store: runtimeStore,
    preparer,
    targets,
    jobs,
    sessions,
    gate,
  } = openRuntimes({
    config,
    database,
    tag: identity.tag,
    driver,
    logs,
    preparation,
    takeNewSession: ({ accountId }) =>
      rateLimits.take(`${accountId} new sessions`, config.quotas.newSessionRate),
    internalUrl: `http://berth.internal:${internalPort}`,
    awsUrl: tls?.awsUrl,
    events,
    clock,
    random,
  });
  stack.use(sessions);

  // The API.
  const identityStore = createSqlWorkloadIdentityStore({ database });
  const operations = createControlOperations({
    runtimes: new Runtimes({ store: runtimeStore, quotas: config.quotas, clock, random }),
    endpoints: new RuntimeEndpoints({ store: runtimeStore, quotas: config.quotas, clock }),
    store: runtimeStore,
    identities: new WorkloadIdentities({
      store: identityStore,
      quotas: config.quotas,
      clock,
      arnOf: workloadIdentityArn,
    }),
    tagging: new ResourceTagging({ database, runtimes: runtimeStore, identities: identityStore }),
    issuerProblem,
  });
  const publicUrl = config.isPublicUrlSet ? config.publicUrl : undefined;
  const pipeline = { authenticator, authorize, clock, random, events };
  const controlPlane = new ControlPlane({
    ...pipeline,
    model: loadServiceOperations(),
    operations,
    idempotency: new Idempotency({ store: new IdempotencyStore({ database }), clock }),
    rateLimits,
    quotas: config.quotas,
  });
  const dataPlane = createDataPlane({
    ...pipeline,
    authenticator: new TargetAuthenticator({ signatures: authenticator, tokens, publicUrl }),
    publicUrl,
    traces: telemetry?.traces,
    scope,
    aliases: new SessionAliases({ store: new SqlSessionAliasStore({ database }) }),
    sessions,
    targets,
    rateLimits,
    quotas: config.quotas,
    spool: {
      folder: join(config.home, 'spool'),
      budget: new SpoolBudget({ totalBytes: 2 * gib, perKeyBytes: gib, clock }),
      memoryBytes: 256 * 1024,
    },
  });
  stack.use(dataPlane);
  const registry = new RegistryApi({
    login: new RegistryLogin({
      authenticator: new RegistryAuthenticator({
        accessKeys,
        registryTokens,
        serverSecret: identity.signingSecret,
        clock,
      }),
      publicUrl,
    }),
    repositories,
    store: repositoryStore,
    uploads,
    blobs,
    clock,
    random,
    events,
  });
  const sessionsView = {
    list: sessions.list.bind(sessions),
    find: (runtimeId: RuntimeId, id: SessionId) => sessions.find(scope, runtimeId, id),
    stop: (session: Session) =>
      sessions.stop({
        scope,
        runtimeId: session.runtimeId,
        sessionId: session.id,
        signal: new AbortController().signal,
      }),
  };
  const report = await driver.inspectEngine();
  requireIsolation(config.engine.isolation, report.isolations);
  metrics.gauge(
    'berth_live_sessions',
    'Sessions with a sandbox, or about to have one (AWS: ActiveSessionCount).',
    () => sessions.liveCount,
  );
  metrics.gauge('berth_starts_in_flight', 'Sandboxes that are starting.', () => gate.inFlight);
  metrics.gauge('berth_starts_waiting', 'Starts that wait for their turn.', () => gate.waiting);

  const listening = { drainLimitMs: config.drainTimeoutMs, failures: events, clock, random };
  const engineProblems = createReadinessCheck({ database, driver, clock });
  let isStarted = false;
  const publicListener = openPublicListener({
    ...listening,
    tls: tls?.certificates,
    dataPlane,
    controlPlane,
    registry,
    register: (app, listener) => {
      registerAdminApi(app, {
        ...pipeline,
        accessKeys,
        registryTokens,
        registryCredentials: {
          put: ({ host, ...credential }) => registryCredentials.put(host, credential, clock.now()),
          remove: (host) => registryCredentials.remove(host),
          list: async () =>
            (await registryCredentials.list()).map(({ createdAtMs, ...shown }) => ({
              ...shown,
              updatedAtMs: createdAtMs,
            })),
        },
        images: {
          listImages: repositoryStore.listImages.bind(repositoryStore),
          removeManifest: repositories.removeManifest.bind(repositories),
        },
        sessions: sessionsView,
        developmentIssuer,
        logs: new SandboxLogsView({
          archive: logs,
          sessions: sessionsView,
          isRuntime: async (id) => (await runtimeStore.findRuntime(id)) !== undefined,
          clock,
        }),
        preparation: {
          findRuntime: runtimeStore.findRuntime.bind(runtimeStore),
          progressOf: preparer.progressOf.bind(preparer),
        },
        server: {
          status: async () => ({
            version,
            url: config.publicUrl,
            region: config.region,
            accountId: config.accountId,
            startedAtMs,
            engine: { ...report, isolation: config.engine.isolation },
            runtimes: await runtimeStore.countRuntimes(scope),
            liveSessions: sessions.liveCount,
          }),
        },
      });
      registerDevelopmentIssuer(app, developmentIssuer);
      registerHealth(app, {
        ...pipeline,
        metrics,
        notReady: async () => {
          if (listener.isDraining) return ['The server is closing.'];
          return isStarted ? engineProblems() : ['The server is starting.'];
        },
        areMetricsOpen: isLoopbackOnly(config),
      });
    },
  });

  // In this order: what outlived the last server is taken over before anyone can call.
  await sessions.recover();
  stack.use(
    new DiskGuard({
      disk: homeDisk,
      driver,
      evict: (id) => sessions.endSandbox(id, 'disk-pressure'),
      clock,
      log,
    }),
  );
  stack.use(jobs);
  await jobs.start();
  const collector = images.collector(async () => new Set(await runtimeStore.listManifests()));
  stack.defer(
    every(clock, hourMs, async () => {
      await collector.collect().catch((error: unknown) => log.warn({ error }, 'image collection failed'));
      await logs
        .prune({ maxAgeMs: 30 * dayMs, maxTotalBytes: 5 * gib })
        .catch((error: unknown) => log.warn({ error }, 'log pruning failed'));
      await ballast().catch((error: unknown) => log.warn({ error }, 'the ballast could not be kept'));
    }),
  );
  const handle = dataPlane.handle.bind(dataPlane);
  const { upgrades } = dataPlane;
  stack.use(
    await openInternalListeners(internalHost, { ...listening, handle, upgrades, tls: tls?.certificates }),
  );
  stack.use(publicListener);
  await publicListener.listen(config.listen.host, config.listen.port);
  if (tls !== undefined) await publicListener.listenWithTls(tls.listen.host, tls.listen.port);
  isStarted = true;

  const parts = stack.move();
  return {
    url: config.publicUrl,
    engine: {
      description: report.description,
      isolation: config.engine.isolation,
      warnings: report.warnings,
    },
    credentials,
    countSandboxes: async () => (await driver.list()).length,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
