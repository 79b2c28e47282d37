import { join } from 'node:path';
import type { Digest } from '../../images/digest.ts';
import { BerthError, messageOf } from '../../shared/errors.ts';
import type { Clock } from '../../shared/clock.ts';
import type { RandomSource, SandboxId } from '../../shared/ids.ts';
import { readAvailableMemory } from '../admission-memory.ts';
import type { Steps } from '../../shared/steps.ts';
import type { HostDisk } from '../host-disk.ts';
import type { ExecSpec, SandboxProcess } from '../sandbox-process.ts';
import type {
  DiskUsage,
  ImagePreparation,
  ListedSandbox,
  RunningSandbox,
  SandboxDriver,
  SandboxExit,
  SandboxSpec,
  SandboxUsage,
} from '../sandbox-driver.ts';
import { withBerthErrors } from './api/engine-error.ts';
import type { TaskState } from './api/tasks-api.ts';
import { cgroupUse, type CgroupUse } from './cgroup-use.ts';
import { inspectCgroups } from './cgroups.ts';
import type { ContainerdEngine } from './containerd-engine.ts';
import type { DiskPool } from './disks/disk-pool.ts';
import { cgroupParent, cgroupPath, type DriverParts } from './driver-parts.ts';
import { requireInit } from './engine-needs.ts';
import type { VolumePool } from './disks/volume-pool.ts';
import { SandboxExecs } from './exec/sandbox-execs.ts';
import { ContainerdHibernation } from './hibernation/containerd-hibernation.ts';
import { type ImageRoots, imageRoots } from './images/image-root.ts';
import { requireRunnableOn } from './images/image-platform.ts';
import { type PreparedImages, preparedImages } from './images/prepared-images.ts';
import { unpacker } from './images/unpack.ts';
import { type UnpackingLease, unpackingLease } from './images/unpacking-lease.ts';
import { inspectEngine } from './inspect-engine.ts';
import type { ConfiguredIsolation } from './isolations/isolations-file.ts';
import { createIsolations } from './isolations/isolations.ts';
import type { NetworkPool } from './network/network-pool.ts';
import { readOpenFilesLimit } from './oci/resource-limits.ts';
import type { EngineLog } from './private-containerd.ts';
import { type HeldResources, removeSandbox } from './remove-sandbox.ts';
import { SandboxFreezer } from './sandbox-freezer.ts';
import { sandboxFiles } from './sandbox-files.ts';
import { fromContainer, type SandboxRecord } from './sandbox-record.ts';
import { claimResources, startSandbox } from './start-sandbox.ts';
import { sweep } from './sweep.ts';
import { taskExit } from './task-exit.ts';
import { userNamespaces } from './user-namespaces.ts';

export interface ContainerdDriverOptions {
  readonly engine: ContainerdEngine;
  readonly networkPool: NetworkPool;
  readonly diskPool: DiskPool;
  readonly volumes: VolumePool;
  readonly hostDisk: HostDisk;
  /** Whether sandboxes of runc may have users of their own on the host; `auto`, where they can, when not set. */
  readonly userNamespaces?: 'auto' | 'off';
  /** Beside those that are built in. */
  readonly isolations?: readonly ConfiguredIsolation[];
  /** Of the host, absolute: shown to every sandbox as `insideCaBundle`. */
  readonly caBundle?: string | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: EngineLog;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

export interface ContainerdSandboxDriver extends SandboxDriver {
  /** For a handover. */
  readonly unpacking: Pick<PreparedImages, 'pause' | 'resume'>;
}

/** Engine and pools stay the caller's, to be disposed after the driver. */
export async function createContainerdDriver(
  options: ContainerdDriverOptions,
): Promise<ContainerdSandboxDriver> {
  const { engine, networkPool, caBundle, clock } = options;
  const init = await requireInit(engine.programs);
  const viewDir = join(engine.runDir, 'views');
  const snapshotsInWork = new Set<string>();
  const roots = imageRoots(viewDir);
  const lease = unpackingLease(engine.api.leases, clock);
  const images = preparedImages({
    api: engine.api,
    blobs: engine.blobs,
    unpacker: unpacker({
      api: engine.api,
      host: options.hostDisk,
      clock,
      inWork: snapshotsInWork,
      steps: options.steps,
    }),
    lease,
    roots,
    inWork: snapshotsInWork,
    clock,
    lazyMissing: () => engine.lazyMissing,
    log: options.log,
    steps: options.steps,
  });
  const cgroups = await inspectCgroups(clock);
  return new ContainerdDriver({
    ...options,
    cgroups,
    cgroupUse: cgroupUse(cgroups),
    isolations: createIsolations({
      programs: engine.programs,
      home: engine.home,
      runDir: engine.runDir,
      configured: options.isolations ?? [],
    }),
    userNamespaces: options.userNamespaces === 'off' ? undefined : userNamespaces(options),
    files: sandboxFiles({ dir: join(engine.runDir, 'sandboxes'), network: networkPool, init, caBundle }),
    openFilesLimit: rememberLimit(engine),
    images,
    roots,
    viewDir,
    snapshotsInWork,
    lease,
  });
}

interface AllParts extends DriverParts {
  readonly images: PreparedImages;
  readonly roots: ImageRoots;
  readonly viewDir: string;
  readonly snapshotsInWork: ReadonlySet<string>;
  readonly lease: UnpackingLease;
  readonly random: RandomSource;
  readonly cgroupUse: CgroupUse;
}

class ContainerdDriver implements ContainerdSandboxDriver {
  readonly name = 'containerd';
  readonly hibernation: ContainerdHibernation;
  readonly unpacking: ContainerdSandboxDriver['unpacking'];
  readonly #parts: AllParts;
  readonly #starting = new Set<string>();
  readonly #removing = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  readonly #execs: SandboxExecs;
  readonly #freezer: SandboxFreezer;

  constructor(parts: AllParts) {
    this.#parts = parts;
    this.unpacking = parts.images;
    this.#freezer = new SandboxFreezer(parts);
    this.hibernation = new ContainerdHibernation({ ...parts, availableMemoryBytes: readAvailableMemory });
    this.#execs = new SandboxExecs({ driver: parts, random: parts.random });
  }

  inspectEngine() {
    const { engine, networkPool, isolations } = this.#parts;
    return withBerthErrors(async () =>
      inspectEngine(engine, await isolations.usable(), networkPool.warnings),
    );
  }

  sharesKernel(isolation: string): boolean {
    return this.#parts.isolations.find(isolation)?.spec.sharesKernel === true;
  }

  prepareImage(image: Digest, preparation?: ImagePreparation): Promise<void> {
    return withBerthErrors(() => this.#parts.images.prepare(image, preparation));
  }

  prepareLazily(image: Digest, reference: string): Promise<boolean> {
    return withBerthErrors(() => this.#parts.images.prepareLazily(image, reference));
  }

  letGoOfLazy(image: Digest): Promise<void> {
    return withBerthErrors(() => this.#parts.images.letGoOfLazy(image));
  }

  forgetImage(image: Digest): Promise<void> {
    return withBerthErrors(() => this.#parts.images.forget(image));
  }

  async restoreImage(image: Digest): Promise<void> {
    await withBerthErrors(() => this.#parts.images.get(image));
  }

  lastUseOfImage(image: Digest): Promise<number | undefined> {
    return withBerthErrors(() => this.#parts.images.lastUse(image));
  }

  async start(spec: SandboxSpec, signal?: AbortSignal): Promise<RunningSandbox> {
    signal?.throwIfAborted();
    this.#parts.isolations.require(spec.isolation);
    if (this.#starting.has(spec.id))
      throw new BerthError('conflict', `The sandbox ${spec.id} is being started already.`);
    this.#starting.add(spec.id);
    try {
      return await withBerthErrors(() => this.#start(spec, signal));
    } finally {
      this.#starting.delete(spec.id);
    }
  }

  async #start(spec: SandboxSpec, signal: AbortSignal | undefined): Promise<RunningSandbox> {
    const parts = this.#parts;
    const image = await parts.images.get(spec.image, signal);
    requireRunnableOn(image.platform, spec.isolation, this.sharesKernel(spec.isolation));
    const claims = await claimResources(parts, spec.limits.diskBytes, signal);
    parts.steps?.reached('start:resources-claimed');
    try {
      return await startSandbox(parts, spec, image, claims, signal);
    } catch (error) {
      const held = { slot: claims.slot.name, disk: claims.disk.name, volume: spec.storage?.volume };
      if (error instanceof BerthError && error.code === 'conflict') await this.#release(held);
      else await this.#removeFailed(spec.id, held);
      throw error;
    }
  }

  /** The failure that is reported is the start's; what stays behind is left to the sweep. */
  async #removeFailed(id: SandboxId, held: HeldResources): Promise<void> {
    try {
      await removeSandbox(this.#parts, id, 0, held);
    } catch (error) {
      this.#parts.log.warn(
        { sandbox: id, error: messageOf(error) },
        'a failed start left something behind; a sweep removes it',
      );
    }
  }

  async #release({ slot, disk }: { readonly slot: string; readonly disk: string }): Promise<void> {
    await Promise.all([this.#parts.networkPool.release(slot), this.#parts.diskPool.release(disk)]);
  }

  list(): Promise<readonly ListedSandbox[]> {
    return withBerthErrors(async () => {
      const { containers, tasks } = this.#parts.engine.api;
      const [records, processes] = await Promise.all([containers.list(), tasks.list()]);
      // Without a process it is from before a reboot; with one that was never started, a killed server had half made it.
      const isStarted = ({ containerId, status }: TaskState) =>
        status !== 'CREATED' || this.#starting.has(containerId);
      const statuses = new Map(
        processes.filter(isStarted).map(({ containerId, status }) => [containerId, status]),
      );
      return records.flatMap((record) => {
        const status = statuses.get(record.id);
        const sandbox = status === undefined ? undefined : fromContainer(record)?.sandbox;
        return sandbox === undefined
          ? []
          : [{ ...sandbox, isPaused: status === 'PAUSED', hasExited: status === 'STOPPED' }];
      });
    });
  }

  pause(id: SandboxId): Promise<void> {
    return withBerthErrors(() => this.#freezer.pause(id));
  }

  resume(id: SandboxId): Promise<void> {
    return withBerthErrors(() => this.#freezer.resume(id));
  }

  async usage(): Promise<ReadonlyMap<SandboxId, SandboxUsage>> {
    const { cgroups, cgroupUse } = this.#parts;
    const ids = (await cgroups.list(cgroupParent(this.#parts))) as readonly SandboxId[];
    const usages = ids.map(async (id) => [id, await cgroupUse.usage(cgroupPath(this.#parts, id))] as const);
    return new Map(
      (await Promise.all(usages)).flatMap(([id, usage]) => (usage === undefined ? [] : [[id, usage]])),
    );
  }

  diskUsage(): Promise<ReadonlyMap<SandboxId, DiskUsage>> {
    return withBerthErrors(async () => {
      const records = (await this.#parts.engine.api.containers.list()).map(fromContainer);
      const usage = records.flatMap((record) => (record === undefined ? [] : [this.#usageOf(record)]));
      return new Map(await Promise.all(usage));
    });
  }

  async #usageOf({ sandbox, disk, volume }: SandboxRecord): Promise<[SandboxId, DiskUsage]> {
    const { diskPool, volumes } = this.#parts;
    const storageBytes = volume === undefined ? 0 : await volumes.usedBytesOf(volume);
    return [sandbox.id, { layerBytes: await diskPool.usedBytes(disk), storageBytes }];
  }

  waitForExit(id: SandboxId, signal?: AbortSignal): Promise<SandboxExit> {
    const parts = this.#parts;
    const { api } = parts.engine;
    const until = AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]);
    return withBerthErrors(async () => {
      const exit = await taskExit({ tasks: api.tasks, clock: parts.clock }, id, until);
      if (exit !== undefined) {
        const outOfMemory = await parts.cgroups.wasOutOfMemory(cgroupPath(parts, id));
        return { ...exit, outOfMemory };
      }
      if ((await api.containers.find(id)) === undefined)
        throw new BerthError('not-found', `There is no sandbox ${id}.`);
      // Its shim died, and its processes with it.
      return { exitCode: 137, outOfMemory: false, exitedAtMs: parts.clock.now() };
    });
  }

  exec(id: SandboxId, spec: ExecSpec, signal?: AbortSignal): Promise<SandboxProcess> {
    return withBerthErrors(() => this.#execs.exec(id, spec, signal));
  }

  async remove(id: SandboxId, graceMs: number): Promise<void> {
    const current = this.#removing.get(id);
    if (current !== undefined) {
      if (graceMs === 0) await withBerthErrors(() => this.#parts.engine.api.tasks.kill(id, 9, true));
      return current;
    }
    const work = withBerthErrors(async () => {
      await removeSandbox(this.#parts, id, graceMs, {});
      await this.#execs.forget(id);
    }).finally(() => this.#removing.delete(id));
    this.#removing.set(id, work);
    return work;
  }

  sweep(keep: ReadonlySet<SandboxId>) {
    const { lease, roots } = this.#parts;
    return withBerthErrors(() =>
      sweep(
        {
          ...this.#parts,
          inTransition: () => new Set([...this.#starting, ...this.#removing.keys()]),
          remove: (id) => this.remove(id, 0),
          viewsInUse: roots.inUse,
          currentLease: () => lease.current,
          sweepExecs: () => this.#execs.sweep(),
          sweepIdMaps: async () =>
            this.#starting.size === 0 ? ((await this.#parts.userNamespaces?.sweep()) ?? 0) : 0,
          sweepMemory: (keep) => this.hibernation.sweep(keep),
        },
        keep,
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new BerthError('unavailable', 'The server is shutting down.'));
    this.#freezer[Symbol.dispose]();
    await this.#execs[Symbol.asyncDispose]();
    await Promise.allSettled(this.#removing.values());
  }
}

/** Read once for each process of containerd. */
function rememberLimit(engine: Pick<ContainerdEngine, 'daemonPid'>): () => Promise<number> {
  let known: { readonly pid: number | undefined; readonly limit: Promise<number> } | undefined;
  return () => {
    if (known === undefined || known.pid !== engine.daemonPid) {
      known = { pid: engine.daemonPid, limit: readOpenFilesLimit(engine.daemonPid ?? 'self') };
    }
    return known.limit;
  };
}
