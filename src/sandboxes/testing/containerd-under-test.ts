import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import { randomText, systemRandom } from '../../shared/ids.ts';
import { inspectCgroups } from '../containerd/cgroups.ts';
import { createContainerdDriver } from '../containerd/containerd-driver.ts';
import { type ContainerdEngine, openContainerdEngine } from '../containerd/containerd-engine.ts';
import { cgroupParent, cgroupPath } from '../containerd/driver-parts.ts';
import { createDiskPool } from '../containerd/disks/disk-pool.ts';
import { type EnginePrograms, enginePrograms } from '../containerd/engine-programs.ts';
import { createVolumePool, type VolumePool } from '../containerd/disks/volume-pool.ts';
import type { ConfiguredIsolation } from '../containerd/isolations/isolations-file.ts';
import { createNetworkPool } from '../containerd/network/network-pool.ts';
import { removeNetwork } from '../containerd/network/network-setup.ts';
import { hostDisk } from '../host-disk.ts';
import type { DriverUnderTest } from './driver-under-test.ts';

export interface ContainerdUnderTest extends DriverUnderTest {
  readonly engine: ContainerdEngine;
  readonly home: string;
  /** Those programs are found from now on, as after an update. */
  install(which: EngineUnderTest): Promise<void>;
  readonly volumes: VolumePool;
}

export const enginesUnderTest = ['system', 'packages'] as const;
export type EngineUnderTest = (typeof enginesUnderTest)[number];

const quiet = { info() {}, warn() {}, error() {} };
const mebibyte = 1024 * 1024;

/**
 * A private containerd with a home, network and disks of its own. Needs root and what scripts/setup.sh installs. `system` is
 * the machine's own engine, `packages` that of `npm run build:engine`; without a word, the one that a server would use.
 */
export async function openContainerdUnderTest(
  which?: EngineUnderTest,
  isolation = 'runc',
  configured: (home: string) => readonly ConfiguredIsolation[] = () => [],
  userNamespaces: 'auto' | 'off' = 'auto',
): Promise<ContainerdUnderTest> {
  let installed = await programsUnderTest(which);
  const programs: EnginePrograms = {
    find: (name) => installed.find(name),
    searchPath: () => installed.searchPath(),
  };
  const home = await mkdtemp(join(tmpdir(), 'berth-driver-'));
  // As /run/berth is: a sandbox's users are nobody's, and its root file system is below.
  await chmod(home, 0o711);
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
    openContainerdEngine({ ...common, programs, containerdSocket: undefined, runDir: join(home, 'run') });
  const engine = stack.adopt(await openEngine(), (opened) => opened.stop());
  stack.defer(() => removeNetwork(common.serverTag));
  stack.defer(async () => (await inspectCgroups(systemClock)).remove(cgroupParent({ engine })));
  const networkPool = stack.use(
    await createNetworkPool({
      ...common,
      network: { egress: true, allowedCidrs: [], allowedHostPorts: [], subnet: undefined },
      poolSize: 4,
      internalPort: 4780,
      dnsPort: 4753,
    }),
  );
  const host = hostDisk(home, 128 * mebibyte);
  const disks = { ...common, sizeBytes: 64 * mebibyte, host };
  const diskPool = stack.use(await createDiskPool({ ...disks, dir: join(home, 'disks'), poolSize: 4 }));
  const volumes = stack.use(await createVolumePool({ ...disks, dir: join(home, 'volumes'), poolSize: 1 }));
  const parts = {
    networkPool,
    diskPool,
    volumes,
    hostDisk: host,
    isolations: configured(home),
    userNamespaces,
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
    volumes,
    blobs: engine.blobs,
    isolation,
    logDir,
    usedCpuMs: (id) => usedCpuMs(cgroupPath({ engine }, id)),
    tasks: (id) => tasks(cgroupPath({ engine }, id)),
    async install(other) {
      installed = await programsUnderTest(other);
    },
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

/** Of control groups of version 1, or 2. */
async function usedCpuMs(group: string): Promise<number> {
  const nanoseconds = await readFile(`/sys/fs/cgroup/cpuacct${group}/cpuacct.usage`, 'utf8').catch(
    () => undefined,
  );
  if (nanoseconds !== undefined) return Number(nanoseconds) / 1_000_000;
  const stat = await readFile(`/sys/fs/cgroup${group}/cpu.stat`, 'utf8');
  return Number(/^usage_usec (\d+)$/m.exec(stat)?.[1]) / 1_000;
}

/** The same for processes and threads. */
async function tasks(group: string): Promise<number> {
  const file = 'pids.current';
  const count = await readFile(`/sys/fs/cgroup/pids${group}/${file}`, 'utf8').catch(() => undefined);
  return Number(count ?? (await readFile(`/sys/fs/cgroup${group}/${file}`, 'utf8')));
}

export async function programsUnderTest(which?: EngineUnderTest): Promise<EnginePrograms> {
  const programs = enginePrograms({ choice: which === 'system' ? 'system' : 'auto' });
  if (which === 'system') {
    // gVisor is no part of any system: the same one is driven by each containerd.
    const all = enginePrograms({ choice: 'auto' });
    return { ...programs, find: (name) => (name === 'runsc' ? all : programs).find(name) };
  }
  if (which !== 'packages') return programs;
  for (const name of ['containerd', 'containerd-shim-runc-v2', 'runc', 'init'] as const) {
    const source = (await programs.find(name))?.source;
    assert.ok(
      source === 'package' || source === 'build',
      `These tests need the engine's own ${name}. Run npm run build:engine.`,
    );
  }
  return programs;
}
