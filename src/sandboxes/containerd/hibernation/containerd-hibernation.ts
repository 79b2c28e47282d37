import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BerthError, type ErrorCode } from '../../../shared/errors.ts';
import type { SandboxId } from '../../../shared/ids.ts';
import { Room } from '../../../shared/room.ts';
import { inMebibytes } from '../../host-disk.ts';
import type { RunningSandbox, SandboxHibernation, SandboxPresence, Waking } from '../../sandbox-driver.ts';
import { isEngineError, withBerthErrors } from '../api/engine-error.ts';
import type { CgroupUse } from '../cgroup-use.ts';
import { cgroupPath, type DriverParts } from '../driver-parts.ts';
import type { PreparedImages } from '../images/prepared-images.ts';
import { runscProgram } from '../isolations/runsc-program.ts';
import { openRunsc, type Runsc, runscRoot } from '../isolations/runsc.ts';
import { runcOptions } from '../isolations/runtime-options.ts';
import { pauseTask } from '../pause-task.ts';
import { unmountRoot } from '../remove-sandbox.ts';
import { fromContainer, type SandboxRecord, toLabels } from '../sandbox-record.ts';
import { overlayOptions } from '../start-sandbox.ts';
import { taskExit } from '../task-exit.ts';
import { memoryFolders, type MemoryFolders } from './memory-folders.ts';
import { type ParkedSpec, parkedSpec } from './parked-spec.ts';
import { wakeScript } from './wake-script.ts';

export interface ContainerdHibernationParts extends DriverParts {
  readonly images: Pick<PreparedImages, 'get'>;
  readonly cgroupUse: Pick<CgroupUse, 'usage' | 'swappedBytes'>;
  readonly availableMemoryBytes: () => Promise<number>;
}

/** Beyond the memory of its processes: what gVisor keeps of its own. */
const overheadBytes = 64 * 2 ** 20;
/** Threads with which gVisor writes memory, or reads it back. It keeps them afterwards. */
const memoryThreads = 128;
const killTimeoutMs = 10_000;

/**
 * Hibernation with gVisor's own checkpoint and restore, called beside containerd. While a sandbox is parked its container's record
 * stays, without a task: so it is known what belongs to it.
 */
export class ContainerdHibernation implements SandboxHibernation {
  readonly #parts: ContainerdHibernationParts;
  readonly #runsc: Runsc;
  readonly #folders: MemoryFolders;
  /** For what is in memory twice for a moment. */
  readonly #memory: Room;

  constructor(parts: ContainerdHibernationParts) {
    this.#parts = parts;
    this.#runsc = openRunsc(parts.engine);
    this.#folders = memoryFolders(join(parts.engine.runDir, 'memory'));
    this.#memory = new Room({ freeBytes: parts.availableMemoryBytes, reserveBytes: 0 });
  }

  canHibernate(isolation: string): boolean {
    return this.#parts.isolations.find(isolation)?.canHibernate === true;
  }

  checkpoint<Kept>(id: SandboxId, keep: (folder: string) => Promise<Kept>): Promise<Kept> {
    return withBerthErrors(async () => {
      const sizeBytes = await this.#checkpointBytes(id);
      return this.#memory.use(
        sizeBytes,
        tooLittleMemory('unavailable', 'take a sandbox to disk', sizeBytes),
        () => this.#checkpoint(id, sizeBytes, keep),
      );
    });
  }

  async #checkpoint<Kept>(
    id: SandboxId,
    sizeBytes: number,
    keep: (folder: string) => Promise<Kept>,
  ): Promise<Kept> {
    const { cgroups, engine, diskPool, volumes, steps } = this.#parts;
    const { record, spec } = await this.#find(id);
    const { disk, volume } = record;
    try {
      await pauseTask(engine.api.tasks, id);
      // The files count as the sandbox's own memory, which must not be its end. Nothing of it runs meanwhile.
      await cgroups.limitMemory(cgroupPath(this.#parts, id), undefined);
      await cgroups.limitTasks(cgroupPath(this.#parts, id), spec.tasks + memoryThreads);
      steps?.reached('hibernate:stopped');
      return await this.#folders.use(id, sizeBytes, async (folder) => {
        await this.#runsc.checkpoint(id, folder);
        steps?.reached('hibernate:memory-read');
        // After a loss of power there would be memory, and files from before it.
        await Promise.all([diskPool.sync(disk), volume === undefined ? undefined : volumes.sync(volume)]);
        return keep(folder);
      });
    } catch (error) {
      if ((await engine.api.tasks.status(id)) !== undefined) await this.goOn(id);
      throw error;
    }
  }

  goOn(id: SandboxId): Promise<void> {
    return withBerthErrors(async () => {
      const { tasks } = this.#parts.engine.api;
      await this.#folders.remove(id);
      const { spec } = await this.#find(id);
      await this.#parts.cgroups.limitMemory(cgroupPath(this.#parts, id), spec.memoryBytes);
      try {
        await tasks.resume(id);
      } catch (error) {
        if ((await tasks.status(id)) !== 'RUNNING') throw error;
      }
    });
  }

  park(id: SandboxId): Promise<void> {
    return withBerthErrors(async () => this.#park((await this.#find(id)).record));
  }

  wake(id: SandboxId, waking: Waking, signal: AbortSignal): Promise<RunningSandbox> {
    // Its files, and what is made of them.
    const neededBytes = 2 * waking.sizeBytes + overheadBytes;
    return this.#memory.use(neededBytes, tooLittleMemory('throttled', 'wake a session', neededBytes), () =>
      this.#wake(id, waking, signal),
    );
  }

  #wake(id: SandboxId, { sizeBytes, load, commit }: Waking, signal: AbortSignal): Promise<RunningSandbox> {
    return withBerthErrors(async () => {
      const { engine, cgroups, networkPool, clock, steps } = this.#parts;
      const { record: parked, spec } = await this.#find(id);
      let isCommitted = false;
      const slot = await networkPool.claim(signal);
      const sandbox = { ...parked.sandbox, address: { host: slot.address }, startedAtMs: clock.now() };
      const record = { ...parked, sandbox, slot: slot.name };
      try {
        await this.#bringBack(record, spec, slot.namespacePath);
        steps?.reached('wake:brought-back');
        await this.#folders.use(id, sizeBytes + overheadBytes, async (folder) => {
          await load(folder);
          steps?.reached('wake:loaded');
          signal.throwIfAborted();
          await this.#createTask(record, folder);
          await cgroups.limitTasks(cgroupPath(this.#parts, id), spec.tasks + memoryThreads);
          steps?.reached('wake:task-created');
          signal.throwIfAborted();
          await commit();
          isCommitted = true;
          await engine.api.tasks.start(id);
          steps?.reached('wake:task-started');
        });
        return sandbox;
      } catch (error) {
        if (!isCommitted) await this.#park(record);
        throw error;
      }
    });
  }

  finishWaking(id: SandboxId): Promise<RunningSandbox> {
    return withBerthErrors(async () => {
      const { tasks } = this.#parts.engine.api;
      const { record } = await this.#find(id);
      if ((await tasks.status(id)) === 'CREATED') {
        try {
          await tasks.start(id);
        } catch (error) {
          // The engine may just have been about to.
          const status = await tasks.status(id);
          // gVisor reads memory back once: whether it has, before its caller was killed, cannot be told from here.
          if (status === 'CREATED' && isEngineError(error, 'unknown'))
            throw new BerthError('internal', `${id} cannot be woken any more.`, { cause: error });
          if (status !== 'RUNNING') throw error;
        }
      }
      await this.#folders.remove(id);
      return record.sandbox;
    });
  }

  presence(id: SandboxId): Promise<SandboxPresence> {
    return withBerthErrors(async () => {
      const { containers, tasks } = this.#parts.engine.api;
      if ((await containers.find(id)) === undefined) return 'gone';
      const status = await tasks.status(id);
      if (status === 'CREATED') return 'created';
      return status === undefined || status === 'STOPPED' ? 'parked' : 'running';
    });
  }

  /** Lets go of what a killed server left in memory, but for sandboxes of `keep`, which may be about to wake; returns how much. */
  sweep(keep: ReadonlySet<string>): Promise<number> {
    return this.#folders.sweep(keep);
  }

  async #find(id: SandboxId): Promise<{ readonly record: SandboxRecord; readonly spec: ParkedSpec }> {
    const container = await this.#parts.engine.api.containers.findWithSpec(id);
    const record = container && fromContainer(container);
    if (container === undefined || record === undefined)
      throw new BerthError('not-found', `There is no sandbox ${id}.`);
    return { record, spec: parkedSpec(container.spec) };
  }

  /** What its checkpoint may take at most. */
  async #checkpointBytes(id: SandboxId): Promise<number> {
    const { cgroupUse } = this.#parts;
    const path = cgroupPath(this.#parts, id);
    const [usage, swappedBytes] = await Promise.all([cgroupUse.usage(path), cgroupUse.swappedBytes(path)]);
    if (usage === undefined) throw new BerthError('not-found', `There is no sandbox ${id}.`);
    return usage.memoryBytes + swappedBytes + 2 * overheadBytes;
  }

  async #park({ sandbox: { id }, slot, disk, volume }: SandboxRecord): Promise<void> {
    const { engine, cgroups, networkPool, diskPool, volumes, clock, steps } = this.#parts;
    const { tasks } = engine.api;
    await this.#runsc.destroy(id).catch(() => undefined);
    await cgroups.remove(cgroupPath(this.#parts, id));
    const until = new AbortController();
    const cancel = clock.after(killTimeoutMs, () =>
      until.abort(new BerthError('unavailable', `The processes of ${id} do not end.`)),
    );
    try {
      await taskExit({ tasks, clock }, id, until.signal);
    } finally {
      cancel();
    }
    await tasks.remove(id);
    steps?.reached('park:task-ended');
    await unmountRoot(this.#parts, id);
    await this.#folders.remove(id);
    const released = await Promise.allSettled([
      networkPool.release(slot),
      diskPool.unmount(disk),
      volume === undefined ? undefined : volumes.detach(volume),
    ]);
    for (const part of released) if (part.status === 'rejected') throw part.reason;
    steps?.reached('park:released');
  }

  /** Everything but its processes. */
  async #bringBack(record: SandboxRecord, spec: ParkedSpec, namespacePath: string): Promise<void> {
    const { engine, networkPool, diskPool, volumes, files } = this.#parts;
    const { sandbox, slot, disk, volume } = record;
    const { id } = sandbox;
    // What gVisor remembers of it, as after a reboot, would be in the way.
    await this.#runsc.destroy(id).catch(() => undefined);
    await engine.api.containers.update({
      id,
      labels: toLabels(engine.serverTag, record),
      spec: spec.inNamespace(namespacePath),
    });
    await files.writeProgram(id, '');
    const brought = await Promise.allSettled([
      files.write(id, sandbox.address.host, networkPool.nameservers(spec.egress)),
      networkPool.confine(slot, spec.egress),
      diskPool.remount(disk),
      volume === undefined ? undefined : volumes.attach(volume, { uid: 0, gid: 0 }),
    ]);
    for (const part of brought) if (part.status === 'rejected') throw part.reason;
  }

  async #createTask({ sandbox, disk }: SandboxRecord, folder: string): Promise<void> {
    const { engine, diskPool, images, files } = this.#parts;
    const image = await images.get(sandbox.image);
    const runsc = await engine.programs.find('runsc');
    if (runsc === undefined)
      throw new BerthError('unavailable', 'The program runsc is not installed any more.');
    const program = await runscProgram(engine.home, runsc.path);
    const binaryName = await files.writeProgram(sandbox.id, wakeScript({ runsc: program, folder }));
    const log = pathToFileURL(sandbox.logFile).href;
    const options = overlayOptions(image, await diskPool.remount(disk));
    await engine.api.tasks.create({
      containerId: sandbox.id,
      rootfs: [{ type: 'overlay', source: 'overlay', target: '', options }],
      stdout: log,
      stderr: log,
      options: runcOptions({ binaryName, root: runscRoot(engine.runDir) }),
    });
  }
}

function tooLittleMemory(
  code: ErrorCode,
  aim: string,
  neededBytes: number,
): (freeBytes: number) => BerthError {
  return (freeBytes) =>
    new BerthError(
      code,
      `The machine has too little memory to ${aim}: ${inMebibytes(freeBytes)} are free, and ${inMebibytes(neededBytes)} are needed for a moment. Try again later, or end sessions.`,
    );
}
