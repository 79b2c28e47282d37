import { join } from 'node:path';
import type { Digest } from '../../images/digest.ts';
import { BerthError, messageOf } from '../../shared/errors.ts';
import type { Clock } from '../../shared/clock.ts';
import type { RandomSource, SandboxId } from '../../shared/ids.ts';
import type { HostDisk } from '../host-disk.ts';
import type { ExecSpec, SandboxProcess } from '../sandbox-process.ts';
import type {
  ImagePreparation,
  RunningSandbox,
  SandboxDriver,
  SandboxExit,
  SandboxSpec,
} from '../sandbox-driver.ts';
import { withBerthErrors } from './api/engine-error.ts';
import type { TaskState } from './api/tasks-api.ts';
import { inspectCgroups } from './cgroups.ts';
import type { ContainerdEngine } from './containerd-engine.ts';
import type { DiskPool } from './disks/disk-pool.ts';
import { cgroupPath, type DriverParts } from './driver-parts.ts';
import { SandboxExecs } from './exec/sandbox-execs.ts';
import { findProgram } from './find-program.ts';
import { type ImageRoots, imageRoots } from './images/image-root.ts';
import { type PreparedImages, preparedImages } from './images/prepared-images.ts';
import { unpacker } from './images/unpack.ts';
import { type UnpackingLease, unpackingLease } from './images/unpacking-lease.ts';
import { inspectEngine } from './inspect-engine.ts';
import type { NetworkPool } from './network/network-pool.ts';
import { readOpenFilesLimit } from './oci/resource-limits.ts';
import type { EngineLog } from './private-containerd.ts';
import { type HeldResources, removeSandbox } from './remove-sandbox.ts';
import { sandboxFiles } from './sandbox-files.ts';
import { fromContainer, type SandboxRecord } from './sandbox-record.ts';
import { claimResources, startSandbox } from './start-sandbox.ts';
import { sweep } from './sweep.ts';
import { taskExit } from './task-exit.ts';

export interface ContainerdDriverOptions {
  readonly engine: ContainerdEngine;
  readonly networkPool: NetworkPool;
  readonly diskPool: DiskPool;
  readonly hostDisk: HostDisk;
  /** Of the host, absolute: shown to every sandbox as `insideCaBundle`. */
  readonly caBundle?: string | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: EngineLog;
}

/** Engine and pools stay the caller's, to be disposed after the driver. */
export async function createContainerdDriver(options: ContainerdDriverOptions): Promise<SandboxDriver> {
  const { engine, networkPool, caBundle, clock } = options;
  const init = await requireInit();
  const viewDir = join(engine.runDir, 'views');
  const snapshotsInWork = new Set<string>();
  const roots = imageRoots(viewDir);
  const lease = unpackingLease(engine.api.leases, clock);
  const images = preparedImages({
    api: engine.api,
    blobs: engine.blobs,
    unpacker: unpacker({ api: engine.api, host: options.hostDisk, clock, inWork: snapshotsInWork }),
    lease,
    roots,
    inWork: snapshotsInWork,
  });
  return new ContainerdDriver({
    ...options,
    cgroups: await inspectCgroups(clock),
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
}

const isolations = ['runc'] as const;

class ContainerdDriver implements SandboxDriver {
  readonly name = 'containerd';
  readonly #parts: AllParts;
  readonly #starting = new Set<string>();
  readonly #removing = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  readonly #execs: SandboxExecs;

  constructor(parts: AllParts) {
    this.#parts = parts;
    this.#execs = new SandboxExecs({ driver: parts, random: parts.random });
  }

  inspectEngine() {
    const { engine, networkPool } = this.#parts;
    return withBerthErrors(() => inspectEngine(engine, isolations, networkPool.warnings));
  }

  prepareImage(image: Digest, preparation?: ImagePreparation): Promise<void> {
    return withBerthErrors(() => this.#parts.images.prepare(image, preparation));
  }

  forgetImage(image: Digest): Promise<void> {
    return withBerthErrors(() => this.#parts.images.forget(image));
  }

  async start(spec: SandboxSpec, signal?: AbortSignal): Promise<RunningSandbox> {
    signal?.throwIfAborted();
    if (!isolations.some((name) => name === spec.isolation)) {
      throw new BerthError(
        'validation',
        `This server has no isolation '${spec.isolation}'. It has: ${isolations.join(', ')}.`,
      );
    }
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
    const image = await parts.images.get(spec.image);
    const claims = await claimResources(parts, spec.limits.diskBytes, signal);
    try {
      return await startSandbox(parts, spec, image, claims, signal);
    } catch (error) {
      const held = { slot: claims.slot.name, disk: claims.disk.name };
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

  list(): Promise<readonly RunningSandbox[]> {
    return withBerthErrors(async () => {
      const { containers, tasks } = this.#parts.engine.api;
      const [records, processes] = await Promise.all([containers.list(), tasks.list()]);
      // Without a process it is from before a reboot; with one that was never started, a killed server had half made it.
      const isStarted = ({ containerId, status }: TaskState) =>
        status !== 'CREATED' || this.#starting.has(containerId);
      const withTask = new Set(processes.filter(isStarted).map(({ containerId }) => containerId));
      return records.flatMap((record) => {
        const sandbox = withTask.has(record.id) ? fromContainer(record)?.sandbox : undefined;
        return sandbox === undefined ? [] : [sandbox];
      });
    });
  }

  diskUsage(): Promise<ReadonlyMap<SandboxId, number>> {
    return withBerthErrors(async () => {
      const records = (await this.#parts.engine.api.containers.list()).map(fromContainer);
      const usage = records.flatMap((record) => (record === undefined ? [] : [this.#usageOf(record)]));
      return new Map(await Promise.all(usage));
    });
  }

  async #usageOf({ sandbox, disk }: SandboxRecord): Promise<[SandboxId, number]> {
    return [sandbox.id, await this.#parts.diskPool.usedBytes(disk)];
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
        },
        keep,
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new BerthError('unavailable', 'The server is shutting down.'));
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

async function requireInit(): Promise<string> {
  const found = await findProgram('tini-static');
  if (found !== undefined) return found;
  throw new BerthError(
    'unavailable',
    'The init program for sandboxes is not installed: tini-static is missing. Run scripts/setup.sh.',
  );
}
