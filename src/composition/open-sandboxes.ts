import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { BlobStore } from '../images/blob-store.ts';
import type { Logger } from '../observability/logger.ts';
import { inspectCgroups } from '../sandboxes/containerd/cgroups.ts';
import { createContainerdDriver } from '../sandboxes/containerd/containerd-driver.ts';
import { openContainerdEngine } from '../sandboxes/containerd/containerd-engine.ts';
import { cgroupParent } from '../sandboxes/containerd/driver-parts.ts';
import { createDiskPool } from '../sandboxes/containerd/disks/disk-pool.ts';
import { createNetworkPool, type InternalTls } from '../sandboxes/containerd/network/network-pool.ts';
import { removeNetwork } from '../sandboxes/containerd/network/network-setup.ts';
import type { HostDisk } from '../sandboxes/host-disk.ts';
import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { Clock } from '../shared/clock.ts';
import type { RandomSource } from '../shared/ids.ts';

export interface SandboxesParts {
  readonly config: Pick<Config, 'home' | 'engine' | 'network' | 'sandbox' | 'admission'>;
  /** Of the server; part of the name of everything it makes on this machine. */
  readonly tag: string;
  readonly internalPort: number;
  /** With TLS: its second port, the names that lead to it, and the host's file with the roots to trust. */
  readonly internalTls: (InternalTls & { readonly caBundle: string }) | undefined;
  readonly hostDisk: HostDisk;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

/** The engine of this server. Disposing leaves sandboxes running; when there is none, nothing is left of the engine either. */
export interface Sandboxes extends AsyncDisposable {
  readonly driver: SandboxDriver;
  readonly blobs: BlobStore;
  /** The address that sandboxes know as berth.internal. */
  readonly internalHost: string;
}

/** Prepared ahead: as many starts as may be under way, twice. */
const poolRounds = 2;

export async function openSandboxes({
  config,
  tag,
  internalPort,
  internalTls,
  hostDisk,
  clock,
  random,
  log,
}: SandboxesParts): Promise<Sandboxes> {
  await using stack = new AsyncDisposableStack();
  const poolSize = config.admission.startsInFlight * poolRounds;
  const engine = await openContainerdEngine({
    home: config.home,
    serverTag: tag,
    containerdSocket: config.engine.containerdSocket,
    clock,
    log,
  });
  stack.use(engine);
  const networkPool = stack.use(
    await createNetworkPool({
      home: config.home,
      serverTag: tag,
      network: config.network,
      poolSize,
      internalPort,
      internalTls,
      clock,
      random,
      log,
    }),
  );
  const diskPool = stack.use(
    await createDiskPool({
      dir: join(config.home, 'disks'),
      sizeBytes: config.sandbox.diskBytes,
      poolSize,
      host: hostDisk,
      clock,
      random,
      log,
    }),
  );
  const driver = stack.use(
    await createContainerdDriver({
      engine,
      networkPool,
      diskPool,
      hostDisk,
      caBundle: internalTls?.caBundle,
      clock,
      random,
      log,
    }),
  );
  const parts = stack.move();
  return {
    driver,
    blobs: engine.blobs,
    internalHost: networkPool.hostAliases['berth.internal'] ?? '127.0.0.1',
    async [Symbol.asyncDispose]() {
      const isIdle = (await driver.list().catch(() => undefined))?.length === 0;
      if (isIdle) await engine.stop();
      await parts.disposeAsync();
      if (!isIdle) return;
      await removeNetwork(tag);
      await (await inspectCgroups(clock)).remove(cgroupParent({ engine }));
    },
  };
}
