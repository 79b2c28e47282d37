import { auditedProof } from '../auth/audit/audited-proof.ts';
import type { PublicListenerParts } from '../api/public-listener.ts';
import { registerAdminApi } from '../api/admin/register-admin-api.ts';
import { registerHealth } from '../api/admin/register-health.ts';
import { SandboxLogsView } from '../api/admin/sandbox-logs-view.ts';
import { registerDevelopmentIssuer } from '../api/register-development-issuer.ts';
import type { Config } from '../config/config.ts';
import type { Events } from '../observability/events.ts';
import type { SigningKeys } from '../identity/tokens/signing-keys.ts';
import type { WaterMarks } from '../images/water-marks.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { HostDisk } from '../sandboxes/host-disk.ts';
import type { EngineReport, SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { StorageVolumes } from '../sandboxes/storage-volumes.ts';
import type { SandboxLogArchive } from '../sandboxes/sandbox-log-archive.ts';
import type { Session } from '../sessions/session.ts';
import type { Clock } from '../shared/clock.ts';
import type { RandomSource, RuntimeId, SessionId } from '../shared/ids.ts';
import { createLoadView } from './load-view.ts';
import { isLoopbackOnly } from './is-loopback-only.ts';
import type { Access } from './open-access.ts';
import type { Callers } from './open-callers.ts';
import type { Identity } from './open-identity.ts';
import type { openImages } from './open-images.ts';
import type { openRuntimes } from './open-runtimes.ts';

export interface OperatorsParts {
  readonly config: Config;
  readonly version: string;
  readonly callers: Callers;
  readonly signingKeys: SigningKeys;
  readonly access: Access;
  readonly images: ReturnType<typeof openImages>;
  readonly runtimes: ReturnType<typeof openRuntimes>;
  readonly identity: Identity;
  readonly volumes: StorageVolumes;
  readonly hostDisk: HostDisk;
  readonly logs: SandboxLogArchive;
  readonly engine: EngineReport;
  readonly waterMarks: Pick<WaterMarks, 'state'>;
  readonly metrics: Metrics;
  readonly driver: Pick<SandboxDriver, 'usage'>;
  /** Sentences that say why the server cannot serve at the moment. */
  readonly notReady: () => Promise<readonly string[]>;
  readonly events: Events;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** What those who run the server call: the admin API, health and metrics, and the development issuer. */
export function registerOperators(
  app: Parameters<PublicListenerParts['register']>[0],
  parts: OperatorsParts,
): void {
  const { config, version, callers, images, runtimes, logs, metrics, clock } = parts;
  const { store, sessions, preparer, gate } = runtimes;
  const { registryCredentials, repositories, repositoryStore } = images;
  const { developmentIssuer, accessKeys, registryTokens } = callers;
  const scope = { accountId: config.accountId, region: config.region };
  const startedAtMs = clock.now();
  const { signatures } = callers;
  const pipeline = {
    authenticator: { begin: auditedProof((head) => signatures.begin(head), parts.access) },
    authorize: parts.access.authorize,
    clock,
    random: parts.random,
    events: parts.events,
  };
  const sessionsView = {
    list: sessions.list.bind(sessions),
    isFrozen: sessions.isFrozen.bind(sessions),
    sees: parts.access.sees,
    find: (runtimeId: RuntimeId, id: SessionId) => sessions.find(scope, runtimeId, id),
    stop: ({ runtimeId, id: sessionId }: Session) =>
      sessions.stop({ scope, runtimeId, sessionId, signal: new AbortController().signal }),
  };
  registerAdminApi(app, {
    ...pipeline,
    audit: parts.access.auditStore,
    accessKeys,
    signingKeys: parts.signingKeys,
    registryTokens,
    tokenVault: parts.identity.tokenVault,
    keyRing: parts.identity.keyRing,
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
    sessionStorage: {
      list: runtimes.storageStore.list.bind(runtimes.storageStore),
      usedBytes: parts.volumes.usedBytes.bind(parts.volumes),
      keepMs: config.sessionStorage.keepMs,
    },
    load: createLoadView({ ...parts, sessions, gate }),
    developmentIssuer,
    logs: new SandboxLogsView({
      archive: logs,
      sessions: sessionsView,
      isRuntime: async (id) => (await store.findRuntime(id)) !== undefined,
      clock,
    }),
    preparation: {
      findRuntime: store.findRuntime.bind(store),
      progressOf: preparer.progressOf.bind(preparer),
      warningOf: async (id, number) => {
        const manifest = (await store.findVersion(id, number))?.artifact.manifest;
        return manifest === undefined ? undefined : images.warningOf(manifest).catch(() => undefined);
      },
    },
    server: {
      status: async () => ({
        version,
        url: config.publicUrl,
        region: config.region,
        accountId: config.accountId,
        startedAtMs,
        engine: { ...parts.engine, isolation: config.engine.isolation },
        runtimes: await store.countRuntimes(scope),
        liveSessions: sessions.liveCount,
        imageStore: await parts.waterMarks.state(),
      }),
    },
  });
  registerDevelopmentIssuer(app, developmentIssuer);
  registerHealth(app, {
    ...pipeline,
    metrics,
    notReady: parts.notReady,
    areMetricsOpen: isLoopbackOnly(config),
  });
}
