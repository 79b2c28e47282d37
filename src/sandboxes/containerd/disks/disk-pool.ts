import { existsSync } from 'node:fs';
import { BerthError, messageOf } from '../../../shared/errors.ts';
import { randomText } from '../../../shared/ids.ts';
import { requireRoom } from '../../host-disk.ts';
import { createPreparedPool } from '../prepared-pool.ts';
import { DiskFolder } from './disk-folder.ts';
import { makeDisk, remountDisk, removeDisk } from './disk-image.ts';
import type { DiskPoolOptions } from './disk-pool-options.ts';
import { unmount } from './ext4-file.ts';
import { FreshNames } from './fresh-names.ts';
import { attachedLoops, detachLoop, mountPoints } from './kernel-disks.ts';
import type { SandboxDisk } from './sandbox-disk.ts';

export type { SandboxDisk };

/**
 * Writable disks of one server's sandboxes, each a sparse file: it takes room on the host as it fills, so all of them together
 * may be larger than the host's disk. Making one is refused while the host has less free than the reserve. A disk that
 * meets a full host goes read-only by itself; others have files of their own. Failures are `unavailable`.
 */
export interface DiskPool extends AsyncDisposable {
  /** An empty disk of that size, smaller when the host has less to give. Rejects with the signal's reason when aborted first. */
  claim(sizeBytes: number, signal?: AbortSignal): Promise<SandboxDisk>;
  /** Unmounts and deletes it. Idempotent. */
  release(name: string): Promise<void>;
  /** Of a sandbox that is not there for now: files are on the host's disk when this resolves. Idempotent. */
  unmount(name: string): Promise<void>;
  /** The opposite. Rejects with `internal` when it is gone or damaged. */
  remount(name: string): Promise<SandboxDisk>;
  /** What was written to it is on the host's disk when this resolves. */
  sync(name: string): Promise<void>;
  /** Bytes that a disk takes on the host; 0 when it is not there. */
  usedBytes(name: string): Promise<number>;
  /** Names of all disks that are there, prepared ones included. */
  list(): Promise<readonly string[]>;
  /**
   * Removes every disk that is neither in `keep`, nor prepared, nor claimed within the last five minutes. `mounts`: how many
   * of them were mounted or attached.
   */
  sweep(keep: ReadonlySet<string>): Promise<{ disks: number; mounts: number }>;
  /** For a handover: nothing is made until `resume`, so that another process can tell from the kernel what there is. */
  pause(): Promise<void>;
  resume(): void;
  /** Stops preparing and removes what nobody claimed. */
  [Symbol.asyncDispose](): Promise<void>;
}

const concurrency = 2;
const mebibyte = 1024 * 1024;
/** Below this an ext4 file system is not worth having. */
const smallestBytes = 16 * mebibyte;

export async function createDiskPool(options: DiskPoolOptions): Promise<DiskPool> {
  const { sizeBytes: usualBytes, poolSize, host, clock, random, log } = options;
  const folder = await DiskFolder.open<string>(options.dir, 'disk');
  const fresh = new FreshNames<string>(clock);

  const pool = createPreparedPool({
    size: poolSize,
    concurrency,
    prepare: () => make(usualBytes),
    onFailure: (error) => log.warn({ error: messageOf(error) }, 'disk could not be prepared'),
    clock,
  });
  pool.refill();

  async function make(wantedBytes: number): Promise<SandboxDisk> {
    const sizeBytes = await affordableBytes(wantedBytes);
    const name = `disk-${randomText(random, 12, 'abcdefghijklmnopqrstuvwxyz0123456789')}`;
    return fresh.during(name, async () => {
      try {
        return await makeDisk(folder, name, sizeBytes);
      } catch (error) {
        await removeDisk(folder, name).catch(() => undefined);
        throw new BerthError('unavailable', `A disk for a sandbox could not be made: ${messageOf(error)}`, {
          cause: error,
        });
      }
    });
  }

  async function affordableBytes(wantedBytes: number): Promise<number> {
    const roomBytes = await requireRoom(host, Math.min(smallestBytes, wantedBytes));
    return Math.floor(Math.min(wantedBytes, roomBytes) / mebibyte) * mebibyte;
  }

  const remove = (name: string) => fresh.during(name, () => removeDisk(folder, name));

  const isProtected = (name: string) =>
    fresh.isFresh(name) || pool.ready().some((disk) => disk.name === name);

  return {
    async claim(sizeBytes, signal) {
      signal?.throwIfAborted();
      // Also when one is ready: it would be full as soon as it is used.
      await affordableBytes(sizeBytes);
      const disk = await (sizeBytes === usualBytes ? pool.claim(signal) : make(sizeBytes));
      fresh.giveOut(disk.name);
      if (!signal?.aborted) return disk;
      fresh.forget(disk.name);
      await remove(disk.name);
      throw signal.reason;
    },
    async release(name) {
      if (!folder.isName(name)) throw new BerthError('internal', `"${name}" is not a disk of this server.`);
      await remove(name);
      fresh.forget(name);
    },
    unmount: (name) => unmount(folder, name),
    remount: (name) => remountDisk(folder, name),
    list: () => folder.list(),
    sync: (name) => folder.sync(name),
    usedBytes: (name) => folder.usedBytes(name),
    async sweep(keep) {
      const lost = (await folder.list()).filter((name) => !keep.has(name) && !isProtected(name));
      const points = new Set(await mountPoints(folder.path));
      const backing = new Set((await attachedLoops(folder.path)).map((loop) => loop.file));
      const isInKernel = (name: string) =>
        points.has(folder.mountPointOf(name)) || backing.has(folder.imageOf(name));
      for (const name of lost) {
        fresh.forget(name);
        await remove(name);
      }
      for (const { device, file } of await attachedLoops(folder.path))
        if (!existsSync(file)) await detachLoop(device);
      return { disks: lost.length, mounts: lost.filter(isInKernel).length };
    },
    pause: pool.pause,
    resume: pool.resume,
    async [Symbol.asyncDispose]() {
      for (const disk of await pool.close()) await remove(disk.name);
    },
  };
}
