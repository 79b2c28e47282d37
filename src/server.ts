import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPublicListener } from './api/public-listener.ts';
import { RateLimits } from './api/rate-limits.ts';
import { internalListeners, internalPort } from './composition/internal-listeners.ts';
import { listenAtAll, publicSockets } from './composition/listening-sockets.ts';
import { type Handover, openHandover } from './composition/open-handover.ts';
import { openAccess } from './composition/open-access.ts';
import { openApis } from './composition/open-apis.ts';
import { openCallers } from './composition/open-callers.ts';
import { type BlobSource, openBlobSource } from './images/lazy/blob-source.ts';
import { imageCompletion } from './composition/complete-image.ts';
import { registerIdentityPages } from './api/identity-pages/register-identity-pages.ts';
import { openDiskGuard } from './composition/open-disk-guard.ts';
import { openIdentity } from './composition/open-identity.ts';
import { lookAfterSigningKeys } from './composition/open-workload-tokens.ts';
import { openImages } from './composition/open-images.ts';
import { openRuntimes } from './composition/open-runtimes.ts';
import { openSandboxes } from './composition/open-sandboxes.ts';
import { openUpkeep } from './composition/open-upkeep.ts';
import { openTelemetry } from './composition/open-telemetry.ts';
import { type ClientTls, openTls } from './composition/open-tls.ts';
import { createReadinessCheck } from './composition/readiness.ts';
import { prepareCredentials } from './composition/prepare-credentials.ts';
import { readNetworks } from './composition/read-networks.ts';
import { registerPoolGauges } from './composition/register-pool-gauges.ts';
import { registerSessionGauges } from './composition/register-session-gauges.ts';
import { registerOperators } from './composition/register-operators.ts';
import { requireIsolation } from './composition/require-isolation.ts';
import { watchMemory } from './composition/watch-memory.ts';
import type { Config } from './config/config.ts';
import { Events } from './observability/events.ts';
import { Predecessor } from './handover/predecessor.ts';
import { createLogger } from './observability/logger.ts';
import { Metrics } from './observability/metrics.ts';
import { stderrOutput } from './observability/stderr-output.ts';
import { diskReserveBytes, hostDisk } from './sandboxes/host-disk.ts';
import { createSandboxLogArchive } from './sandboxes/sandbox-log-archive.ts';
import { systemClock } from './shared/clock.ts';
import type { HandoverChannel, InheritedListeners } from './shared/handover-channel.ts';
import { systemRandom } from './shared/ids.ts';
import type { MasterKeys } from './shared/master-keys.ts';
import type { Steps } from './shared/steps.ts';
import { readBoot } from './storage/boot.ts';
import { keepBallast } from './storage/ballast.ts';
import { hasPendingMigrations, openDatabase } from './storage/database.ts';
import { lockHome } from './storage/home-lock.ts';
import { loadServerIdentity } from './storage/server-identity.ts';

/** A server that listens. Disposing drains it: no new work, then the running calls, then release. Sandboxes go on running. */
export interface RunningServer extends Handover, AsyncDisposable {
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
  readonly masterKeys: MasterKeys;
  readonly version: string;
  /** The server to take over from; see `Handover`. */
  readonly predecessor?: HandoverChannel | undefined;
  /** Sockets that listen already. */
  readonly listeners?: InheritedListeners | undefined;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

/**
 * The composition root: every part is built here by hand, in the order in which they need each other. Rejects with a
 * `BerthError` that says what keeps the server from starting; nothing is then left open.
 */
export async function startServer(
  config: Config,
  { masterKeys, version, predecessor: channel, listeners: inherited = new Map(), steps }: StartOptions,
): Promise<RunningServer> {
  await using stack = new AsyncDisposableStack();
  const clock = systemClock;
  const random = systemRandom;

  // Under memory pressure sandboxes go first; without the right to say so (in a container) they still do, by their own score.
  await writeFile('/proc/self/oom_score_adj', '-500').catch(() => {});
  await mkdir(config.home, { recursive: true, mode: 0o700 });
  const homeDisk = hostDisk(config.home, diskReserveBytes);
  const databasePath = join(config.home, 'berth.db');
  const predecessor = channel && new Predecessor(channel);
  await predecessor?.takeOver({ migrates: hasPendingMigrations(databasePath) });
  const lock = stack.use(lockHome(config.home));
  if (predecessor !== undefined) steps?.reached('handover:locked');
  const ballast = async () => keepBallast(config.home, await homeDisk.freeBytes());
  const ballastAtStart = await ballast();
  const database = await openDatabase(databasePath);
  stack.defer(() => database.destroy());
  const identity = await loadServerIdentity(database, masterKeys, random);
  const { sealedBox } = identity;

  const log = createLogger({ level: config.logLevel, output: stderrOutput(process.stderr.isTTY) });
  const metrics = new Metrics();
  const events = new Events({ logger: log, metrics });
  const telemetry = stack.use(await openTelemetry({ config, version, metrics, log, clock, random }));
  if (identity.hasNewMasterKey)
    log.info(
      { home: config.home },
      'sealed under the new master key; the previous one opens only backups from before',
    );
  if (ballastAtStart === 'given up')
    log.warn({ home: config.home }, 'the disk is full: the ballast was given up; make room');

  const networks = await readNetworks(config.network.networksFile);
  const callers = await openCallers({ config, database, identity, events, clock, random });
  const tls = await openTls({ config, sealedBox, clock, log });
  if (tls !== undefined) stack.use(tls);
  const credentials = {
    ...(tls !== undefined && { tls: tls.forClients }),
    url: config.publicUrl,
    region: config.region,
    accountId: config.accountId,
    accessKeyId: callers.adminKey.id,
    secretAccessKey: callers.adminKey.secret,
  };
  const credentialsFile = stack.use(
    await prepareCredentials({
      home: config.home,
      credentials,
      isReplaced: () => sessions.custody.successor !== undefined,
      clock,
      log,
    }),
  );

  const sandboxes = stack.use(
    await openSandboxes({
      config,
      tag: identity.tag,
      internalPort,
      internalTls: tls?.forSandboxes,
      hostDisk: homeDisk,
      clock,
      random,
      log,
      steps,
    }),
  );
  let isInCharge = false;
  // Until then all of it is the other server's.
  if (predecessor !== undefined)
    stack.defer(() => {
      if (!isInCharge && predecessor.isThere) sandboxes.abandon();
    });
  const { driver, volumes, blobs, internalHost } = sandboxes;
  const logs = stack.use(
    createSandboxLogArchive({
      dir: join(config.home, 'logs'),
      maxBytes: config.sandbox.logMaxBytes,
      clock,
      log,
    }),
  );
  const images = stack.use(
    openImages({
      config,
      database,
      sealedBox,
      blobs,
      driver,
      completeLater: (image) => completion.later(image),
      events,
      clock,
      random,
      steps,
    }),
  );

  const rateLimits = new RateLimits({ clock });
  const runtimes = openRuntimes({
    hostDisk: homeDisk,
    config,
    database,
    tag: identity.tag,
    driver,
    volumes,
    logs,
    preparation: images.preparation,
    sealedBox,
    takeNewSession: ({ accountId }) =>
      rateLimits.take(`${accountId} new sessions`, config.quotas.newSessionRate),
    internalUrl: `http://berth.internal:${internalPort}`,
    awsUrl: tls?.awsUrl,
    networks,
    events,
    clock,
    random,
    steps,
  });
  const access = stack.use(openAccess({ config, database, identity, runtimes, events, clock }));
  const { sessions, jobs, gate } = runtimes;
  const ofAgents = stack.use(
    openIdentity({
      ...{ config, database, jobs, callers, runtimes, sealedBox, events, clock, random },
      policy: callers.policy,
    }),
  );
  stack.use(sessions);
  if (predecessor !== undefined) sessions.standBy();
  predecessor?.share(runtimes.changes);
  const completion = imageCompletion({
    database,
    jobs,
    images: images.resolver,
    driver,
    isUsed: runtimes.store.isManifestUsed.bind(runtimes.store),
    events,
    clock,
  });
  let blobSource: BlobSource | undefined;
  if (sandboxes.blobSourcePath !== undefined) {
    const source = { socketPath: sandboxes.blobSourcePath, blobs, remote: images.remoteBlobs };
    blobSource = stack.use(await openBlobSource(source));
  }

  const found = await driver.inspectEngine();
  const report = { ...found, warnings: [...found.warnings, ...sandboxes.warnings] };
  requireIsolation(config.engine.isolation, report);
  const apis = openApis({
    config,
    database,
    callers,
    access,
    blobs,
    images,
    runtimes,
    identity: ofAgents,
    engine: report,
    driver,
    networks,
    internalHost,
    rateLimits,
    traces: telemetry?.traces,
    events,
    clock,
    random,
    steps,
  });
  const { dataPlane } = apis;
  stack.use(dataPlane);
  const { signingKeys } = ofAgents;
  stack.use(lookAfterSigningKeys({ signingKeys, clock, log }));
  registerPoolGauges(metrics, sessions);
  registerSessionGauges(metrics, sessions, gate);
  const { store } = runtimes;
  const collector = images.collector({
    ofVersions: () => store.listManifests(),
    isInCharge: () => sessions.custody.isHeld,
  });
  const unpacked = images.unpacked({
    all: () => store.listManifests(),
    served: () => store.listServedManifests(),
  });
  const { reclaim } = sandboxes;
  const upkeep = stack.use(
    openUpkeep({
      config,
      collector,
      unpacked,
      reclaim,
      logs,
      keepBallast: ballast,
      isInCharge: () => sessions.custody.isHeld,
      events,
      clock,
      log,
    }),
  );

  const listening = { drainLimitMs: config.drainTimeoutMs, failures: events, clock, random };
  const engineProblems = createReadinessCheck({ database, driver, clock });
  const publicListener = openPublicListener({
    ...listening,
    tls: tls?.certificates,
    ...apis,
    register: (app, listener) => {
      const { audit } = access;
      registerIdentityPages(app, {
        ...ofAgents,
        audit,
        publicUrl: config.publicUrl,
        failures: events,
        random,
      });
      registerOperators(app, {
        config,
        version,
        callers,
        signingKeys,
        access,
        images,
        identity: ofAgents,
        waterMarks: upkeep.waterMarks,
        runtimes,
        volumes,
        hostDisk: homeDisk,
        logs,
        driver,
        engine: report,
        metrics,
        notReady: async () => {
          return listener.isDraining ? ['The server is closing.'] : engineProblems();
        },
        events,
        clock,
        random,
      });
    },
  });

  // None of it fails: when the server before has left, there is no other one than this.
  const takeCharge = async () => {
    isInCharge = true;
    credentialsFile.publish();
    await sessions.takeCharge();
    jobs.start();
  };

  // In this order: what outlived the last server is taken over before anyone can call.
  const boot = await readBoot(database);
  await sessions.recover({ hasRebooted: boot.isNew });
  await boot.remember();
  if (predecessor !== undefined) steps?.reached('handover:recovered');
  stack.use(openDiskGuard({ disk: homeDisk, driver, volumes, sessions, clock, log }));
  stack.use(jobs);
  stack.use(watchMemory({ ...runtimes, ...config.admission, driver, clock, log }));
  const { handleInternal: handle } = apis;
  const { upgrades } = dataPlane;
  const ofSandboxes = stack.use(
    internalListeners(internalHost, { ...listening, handle, upgrades, tls: tls?.certificates }),
  );
  stack.use(publicListener);
  const sockets = [...publicSockets(publicListener, config), ...ofSandboxes.sockets];
  if (predecessor === undefined) {
    await takeCharge();
    await listenAtAll(sockets, inherited);
  } else {
    await listenAtAll(sockets, inherited);
    // Nothing that may fail comes after this: the one before decides until it has heard of it.
    const isLeft = predecessor.serve(sessions);
    steps?.reached('handover:serving');
    await isLeft;
    await takeCharge();
  }

  const parts = stack.move();
  return {
    ...openHandover({
      config,
      lock,
      sandboxes,
      driver,
      sessions,
      jobs,
      runtimes,
      logs,
      upkeep,
      blobSource,
      sockets,
      publicListener,
      internalListeners: ofSandboxes,
      predecessor,
      clock,
      log,
      steps,
    }),
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
