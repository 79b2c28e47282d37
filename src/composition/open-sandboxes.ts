import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { BlobStore } from '../images/blob-store.ts';
import type { Logger } from '../observability/logger.ts';
import { withBerthErrors } from '../sandboxes/containerd/api/engine-error.ts';
import { inspectCgroups } from '../sandboxes/containerd/cgroups.ts';
import { createContainerdDriver } from '../sandboxes/containerd/containerd-driver.ts';
import { openContainerdEngine } from '../sandboxes/containerd/containerd-engine.ts';
import { cgroupParent } from '../sandboxes/containerd/driver-parts.ts';
import { createDiskPool } from '../sandboxes/containerd/disks/disk-pool.ts';
import { createVolumePool } from '../sandboxes/containerd/disks/volume-pool.ts';
import { createNetworkPool, type InternalTls } from '../sandboxes/containerd/network/network-pool.ts';
import { dnsPort } from './internal-listeners.ts';
import { readIsolationsFile } from '../sandboxes/containerd/isolations/isolations-file.ts';
import { removeNetwork } from '../sandboxes/containerd/network/network-setup.ts';
import { enginePrograms } from '../sandboxes/containerd/engine-programs.ts';
import { blobSourcePath } from '../sandboxes/containerd/lazy/lazy-snapshotter.ts';
import type { HostDisk } from '../sandboxes/host-disk.ts';
import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { StorageVolumes } from '../sandboxes/storage-volumes.ts';
import { attemptAll } from '../shared/attempt-all.ts';
import type { Clock } from '../shared/clock.ts';
import type { Steps } from '../shared/steps.ts';
import type { RandomSource } from '../shared/ids.ts';

export interface SandboxesParts {
  readonly config: Pick<Config, 'home' | 'engine' | 'network' | 'sandbox' | 'sessionStorage' | 'admission'>;
  /** Of the server; part of the name of everything it makes on this machine. */
  readonly tag: string;
  readonly internalPort: number;
  /** With TLS: its second port, the names that lead to it, and the host's file with the roots to trust. */
  readonly internalTls: (InternalTls & { readonly caBundle: string }) | undefined;
  readonly hostDisk: HostDisk;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

/** The engine of this server. Disposing leaves sandboxes running; when there is none, nothing is left of the engine either. */
export interface Sandboxes extends AsyncDisposable {
  readonly driver: SandboxDriver;
  readonly volumes: StorageVolumes;
  readonly blobs: BlobStore;
  /** The address that sandboxes know as berth.internal. */
  readonly internalHost: string;
  /** Socket at which images are asked for that start before they are here; undefined when none do. */
  readonly blobSourcePath: string | undefined;
  /** Has the blob store free at once what was given up. */
  reclaim(): Promise<void>;
  /** Sentences about the engine that `berth status` shows beside the engine's own. */
  readonly warnings: readonly string[];
  /** For a handover: makes nothing and restarts nothing until `resume`. */
  pause(): Promise<void>;
  /** Undoes as much of `pause` as was done, and as much of that as can be; rejects with what cannot. */
  resume(): Promise<void>;
  /** All of it is another server's, which has taken it over or still has it: disposing only lets go of it. */
  abandon(): void;
}

/** Prepared ahead: as many starts as may be under way, twice. */
const poolRounds = 2;
/** Storage is asked for by few runtimes, and once a session. */
const preparedVolumes = 2;

export async function openSandboxes({
  config,
  tag,
  internalPort,
  internalTls,
  hostDisk,
  clock,
  random,
  log,
  steps,
}: SandboxesParts): Promise<Sandboxes> {
  await using stack = new AsyncDisposableStack();
  const { isolationsFile } = config.engine;
  const isolations = isolationsFile === undefined ? [] : await readIsolationsFile(isolationsFile);
  const poolSize = config.admission.startsInFlight * poolRounds;
  const engine = await openContainerdEngine({
    home: config.home,
    serverTag: tag,
    containerdSocket: config.engine.containerdSocket,
    programs: enginePrograms({ choice: config.engine.programs }),
    isLazy: config.engine.lazyImages !== 'off',
    clock,
    log,
  });
  stack.use(engine);
  let isAbandoned = false;
  const useUnlessAbandoned = (part: AsyncDisposable & { pause(): Promise<void> }) =>
    stack.defer(() => (isAbandoned ? part.pause() : part[Symbol.asyncDispose]()));
  const networkPool = await createNetworkPool({
    home: config.home,
    serverTag: tag,
    network: config.network,
    poolSize,
    internalPort,
    internalTls,
    dnsPort,
    clock,
    random,
    log,
  });
  useUnlessAbandoned(networkPool);
  const diskPool = await createDiskPool({
    dir: join(config.home, 'disks'),
    sizeBytes: config.sandbox.diskBytes,
    poolSize,
    host: hostDisk,
    clock,
    random,
    log,
  });
  useUnlessAbandoned(diskPool);
  const volumes = await createVolumePool({
    dir: join(config.home, 'volumes'),
    sizeBytes: config.sessionStorage.sizeBytes,
    poolSize: preparedVolumes,
    host: hostDisk,
    clock,
    random,
    log,
  });
  useUnlessAbandoned(volumes);
  const driver = stack.use(
    await createContainerdDriver({
      engine,
      networkPool,
      diskPool,
      volumes,
      hostDisk,
      isolations,
      userNamespaces: config.engine.userNamespaces,
      caBundle: internalTls?.caBundle,
      clock,
      random,
      log,
      steps,
    }),
  );
  const parts = [driver.unpacking, networkPool, diskPool, volumes, engine];
  const opened = stack.move();
  return {
    driver,
    volumes,
    blobs: engine.blobs,
    blobSourcePath: engine.lazyMissing === undefined ? blobSourcePath(engine.runDir) : undefined,
    reclaim: () => withBerthErrors(() => engine.api.leases.collect()),
    warnings:
      config.engine.lazyImages === 'on' && engine.lazyMissing !== undefined
        ? [
            `BERTH_LAZY_IMAGES is on, but images are fetched whole before they start: ${engine.lazyMissing}. See docs/images.md.`,
          ]
        : [],
    internalHost: networkPool.hostAliases['berth.internal'] ?? '127.0.0.1',
    async pause() {
      for (const part of parts) await part.pause();
    },
    resume: () => attemptAll(...parts.map((part) => () => part.resume())),
    abandon: () => (isAbandoned = true),
    async [Symbol.asyncDispose]() {
      const isIdle = !isAbandoned && (await driver.list().catch(() => undefined))?.length === 0;
      if (isIdle) await engine.stop();
      await opened.disposeAsync();
      if (!isIdle) return;
      await removeNetwork(tag);
      await (await inspectCgroups(clock)).remove(cgroupParent({ engine }));
    },
  };
}
