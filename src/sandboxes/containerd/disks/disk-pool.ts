import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath, stat } from 'node:fs/promises';

import type { Clock } from '../../../shared/clock.ts';
import { BerthError, messageOf } from '../../../shared/errors.ts';
import type { RandomSource } from '../../../shared/ids.ts';
import { randomText } from '../../../shared/ids.ts';
import { type HostDisk, inMebibytes } from '../../host-disk.ts';
import { createPreparedPool } from '../prepared-pool.ts';
import { diskNameOf, imagePath, makeDisk, mountPath, removeDisk } from './disk-image.ts';
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
  /** Bytes that a disk takes on the host; 0 when it is not there. */
  usedBytes(name: string): Promise<number>;
  /** Names of all disks that are there, prepared ones included. */
  list(): Promise<readonly string[]>;
  /**
   * Removes every disk that is neither in `keep`, nor prepared, nor claimed within the last five minutes. `mounts`: how many
   * of them were mounted or attached.
   */
  sweep(keep: ReadonlySet<string>): Promise<{ disks: number; mounts: number }>;
  /** Stops preparing and removes what nobody claimed. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PoolLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface DiskPoolOptions {
  /** A folder of the pool's own, absolute. Made when missing. */
  readonly dir: string;
  /** Size of the disks that are prepared ahead. */
  readonly sizeBytes: number;
  readonly poolSize: number;
  /** Below its reserve no disk is made. */
  readonly host: HostDisk;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: PoolLog;
}

const claimGraceMs = 5 * 60_000;
const concurrency = 2;
const mebibyte = 1024 * 1024;
/** Below this an ext4 file system is not worth having. */
const smallestBytes = 16 * mebibyte;

export async function createDiskPool(options: DiskPoolOptions): Promise<DiskPool> {
  const { sizeBytes: usualBytes, poolSize, host, clock, random, log } = options;
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  // The kernel reports mounts and backing files by their real path.
  const dir = await realpath(options.dir);
  const inWork = new Set<string>();
  const claimedAtMs = new Map<string, number>();

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
    inWork.add(name);
    try {
      return await makeDisk(dir, name, sizeBytes);
    } catch (error) {
      await removeDisk(dir, name).catch(() => undefined);
      if (error instanceof BerthError) throw error;
      throw new BerthError('unavailable', `A disk for a sandbox could not be made: ${messageOf(error)}`, {
        cause: error,
      });
    } finally {
      inWork.delete(name);
    }
  }

  async function affordableBytes(wantedBytes: number): Promise<number> {
    const free = await host.freeBytes();
    const affordable = Math.floor(Math.min(wantedBytes, free - host.reserveBytes) / mebibyte) * mebibyte;
    if (affordable >= Math.min(smallestBytes, wantedBytes)) return affordable;
    throw new BerthError(
      'unavailable',
      `The host's disk is full: ${inMebibytes(free)} are free at ${dir}, and ${inMebibytes(host.reserveBytes)} are kept in reserve. Make room, or end sessions.`,
    );
  }

  async function remove(name: string): Promise<void> {
    inWork.add(name);
    try {
      await removeDisk(dir, name);
    } finally {
      inWork.delete(name);
    }
  }

  function isProtected(name: string): boolean {
    const claimed = claimedAtMs.get(name);
    if (claimed !== undefined && clock.now() - claimed < claimGraceMs) return true;
    return inWork.has(name) || pool.ready().some((disk) => disk.name === name);
  }

  async function list(): Promise<readonly string[]> {
    const names = (await readdir(dir)).map(diskNameOf).filter((name) => name !== undefined);
    return [...new Set(names)];
  }

  return {
    async claim(sizeBytes, signal) {
      signal?.throwIfAborted();
      // Also when one is ready: it would be full as soon as it is used.
      await affordableBytes(sizeBytes);
      const disk = await (sizeBytes === usualBytes ? pool.claim(signal) : make(sizeBytes));
      claimedAtMs.set(disk.name, clock.now());
      if (!signal?.aborted) return disk;
      claimedAtMs.delete(disk.name);
      await remove(disk.name);
      throw signal.reason;
    },
    async release(name) {
      if (diskNameOf(name) !== name)
        throw new BerthError('internal', `"${name}" is not a disk of this server.`);
      await remove(name);
      claimedAtMs.delete(name);
    },
    list,
    async usedBytes(name) {
      const found = await stat(imagePath(dir, name)).catch(() => undefined);
      // Blocks of 512 bytes, whatever the file system's own are.
      return (found?.blocks ?? 0) * 512;
    },
    async sweep(keep) {
      const lost = (await list()).filter((name) => !keep.has(name) && !isProtected(name));
      const points = new Set(await mountPoints(dir));
      const backing = new Set((await attachedLoops(dir)).map((loop) => loop.file));
      const isInKernel = (name: string) =>
        points.has(mountPath(dir, name)) || backing.has(imagePath(dir, name));
      for (const name of lost) {
        claimedAtMs.delete(name);
        await remove(name);
      }
      for (const { device, file } of await attachedLoops(dir))
        if (!existsSync(file)) await detachLoop(device);
      return { disks: lost.length, mounts: lost.filter(isInKernel).length };
    },
    async [Symbol.asyncDispose]() {
      for (const disk of await pool.close()) await remove(disk.name);
    },
  };
}
