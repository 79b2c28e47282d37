import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import { randomText, systemRandom } from '../../shared/ids.ts';
import { inspectCgroups } from '../containerd/cgroups.ts';
import { createContainerdDriver } from '../containerd/containerd-driver.ts';
import { type ContainerdEngine, openContainerdEngine } from '../containerd/containerd-engine.ts';
import { cgroupParent } from '../containerd/driver-parts.ts';
import { createDiskPool } from '../containerd/disks/disk-pool.ts';
import { createNetworkPool } from '../containerd/network/network-pool.ts';
import { removeNetwork } from '../containerd/network/network-setup.ts';
import { hostDisk } from '../host-disk.ts';
import type { DriverUnderTest } from './driver-under-test.ts';

export interface ContainerdUnderTest extends DriverUnderTest {
  readonly engine: ContainerdEngine;
  readonly home: string;
}

const quiet = { info() {}, warn() {}, error() {} };
const mebibyte = 1024 * 1024;

/** A private containerd with a home, network and disks of its own. Needs root and what scripts/setup.sh installs. */
export async function openContainerdUnderTest(): Promise<ContainerdUnderTest> {
  const home = await mkdtemp(join(tmpdir(), 'berth-driver-'));
  const logDir = join(home, 'logs');
  await mkdir(logDir);
  const common = {
    home,
    serverTag: randomText(systemRandom, 6, '0123456789abcdef'),
    clock: systemClock,
    random: systemRandom,
    log: quiet,
  };
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(home, { recursive: true, force: true }));
  const openEngine = () =>
    openContainerdEngine({ ...common, containerdSocket: undefined, runDir: join(home, 'run') });
  const engine = stack.adopt(await openEngine(), (opened) => opened.stop());
  stack.defer(() => removeNetwork(common.serverTag));
  stack.defer(async () => (await inspectCgroups(systemClock)).remove(cgroupParent({ engine })));
  const networkPool = stack.use(
    await createNetworkPool({
      ...common,
      network: { egress: true, allowedCidrs: [], allowedHostPorts: [], subnet: undefined },
      poolSize: 4,
      internalPort: 4780,
    }),
  );
  const host = hostDisk(home, 128 * mebibyte);
  const diskPool = stack.use(
    await createDiskPool({
      ...common,
      dir: join(home, 'disks'),
      sizeBytes: 64 * mebibyte,
      poolSize: 4,
      host,
    }),
  );
  const parts = {
    networkPool,
    diskPool,
    hostDisk: host,
    clock: systemClock,
    random: systemRandom,
    log: quiet,
  };
  const driver = stack.use(await createContainerdDriver({ engine, ...parts }));
  stack.defer(async () => {
    for (const { id } of await driver.list()) await driver.remove(id, 0);
  });
  const all = stack.move();
  return {
    driver,
    engine,
    home,
    blobs: engine.blobs,
    logDir,
    async reopen() {
      const again = await openEngine();
      const other = await createContainerdDriver({ engine: again, ...parts });
      const dispose = other[Symbol.asyncDispose].bind(other);
      other[Symbol.asyncDispose] = async () => {
        await dispose();
        await again[Symbol.asyncDispose]();
      };
      return other;
    },
    close: () => all.disposeAsync(),
  };
}
