import { sleep } from '../../../shared/clock.ts';
import { BerthError, messageOf } from '../../../shared/errors.ts';
import { newVolumeId, type VolumeId } from '../../../shared/ids.ts';
import { requireRoom } from '../../host-disk.ts';
import type { StorageVolumes } from '../../storage-volumes.ts';
import { createPreparedPool } from '../prepared-pool.ts';
import { DiskFolder } from './disk-folder.ts';
import type { DiskPoolOptions } from './disk-pool-options.ts';
import { FreshNames } from './fresh-names.ts';
import {
  deleteVolumeImage,
  makeVolumeImage,
  mountVolume,
  unmountVolume,
  type VolumeOwner,
} from './volume-image.ts';

/** Volumes of one server, each a sparse file with a journalled file system of its own: it takes room on the host as it fills. */
export interface VolumePool extends StorageVolumes, AsyncDisposable {
  /** Mounts it for one sandbox and returns the folder to show there. Rejects with `unavailable` when it is not there or damaged. */
  attach(volume: VolumeId, owner: VolumeOwner): Promise<string>;
  /** Unmounts it; its files are on disk when this resolves. Idempotent. */
  detach(volume: VolumeId): Promise<void>;
  /** What was written to an attached one is on the host's disk when this resolves. */
  sync(volume: VolumeId): Promise<void>;
  /** Detaches what is mounted, not in `keep`, and not attached within the last five minutes; returns how many. */
  detachUnused(keep: ReadonlySet<VolumeId>): Promise<number>;
  /** For a handover: nothing is made until `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** Bytes that one takes on the host; 0 when it is not there. */
  usedBytesOf(volume: VolumeId): Promise<number>;
}

const busyRetries = 20;
const busyRetryMs = 100;

export async function createVolumePool(options: DiskPoolOptions): Promise<VolumePool> {
  const { sizeBytes: usualBytes, poolSize, host, clock, random, log } = options;
  const folder = await DiskFolder.open<VolumeId>(options.dir, 'vol');
  const fresh = new FreshNames<VolumeId>(clock);
  const turns = new Map<VolumeId, Promise<unknown>>();

  // None is made before the first one that anybody wants.
  const prepared = createPreparedPool({
    size: poolSize,
    concurrency: 1,
    prepare: () => make(usualBytes),
    onFailure: (error) => log.warn({ error: messageOf(error) }, 'session storage could not be prepared'),
    clock,
  });

  async function make(sizeBytes: number): Promise<VolumeId> {
    await requireRoom(host, 1);
    const volume = newVolumeId(random);
    return fresh.during(volume, async () => {
      try {
        await makeVolumeImage(folder, volume, sizeBytes);
        return volume;
      } catch (error) {
        await deleteVolumeImage(folder, volume).catch(() => undefined);
        throw new BerthError('unavailable', `Session storage could not be made: ${messageOf(error)}`, {
          cause: error,
        });
      }
    });
  }

  /** One thing at a time is done with a volume. */
  function inTurn<T>(volume: VolumeId, work: () => Promise<T>): Promise<T> {
    const before = turns.get(volume) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(work);
    turns.set(volume, turn);
    const forget = () => void (turns.get(volume) === turn && turns.delete(volume));
    turn.then(forget, forget);
    return turn;
  }

  /** What used it may take a moment to be gone from the kernel. */
  async function unmountPatiently(volume: VolumeId): Promise<void> {
    for (let retry = 0; ; retry += 1) {
      try {
        await unmountVolume(folder, volume);
        return;
      } catch (error) {
        if (retry === busyRetries) {
          throw new BerthError('unavailable', `Session storage cannot be unmounted: ${messageOf(error)}`, {
            cause: error,
          });
        }
      }
      await sleep(clock, busyRetryMs);
    }
  }

  const isProtected = (volume: VolumeId) => fresh.isFresh(volume) || prepared.ready().includes(volume);

  function requireName(volume: VolumeId): void {
    if (folder.isName(volume)) return;
    throw new BerthError('internal', `"${volume}" is not session storage of this server.`);
  }

  async function remove(volume: VolumeId): Promise<void> {
    requireName(volume);
    await inTurn(volume, async () => {
      if (await folder.isMounted(volume))
        throw new BerthError('unavailable', 'Session storage is in use by a sandbox and cannot be deleted.');
      await deleteVolumeImage(folder, volume);
      // A folder that a killed server made just before it would have mounted something there.
      await unmountVolume(folder, volume);
      fresh.forget(volume);
    });
  }

  return {
    pause: prepared.pause,
    resume: prepared.resume,
    async create(sizeBytes) {
      // Also when one is ready: it would be full as soon as it is used.
      await requireRoom(host, 1);
      const volume = await (sizeBytes === usualBytes ? prepared.claim() : make(sizeBytes));
      fresh.giveOut(volume);
      return volume;
    },
    remove,
    sync: (volume) => folder.sync(volume),
    usedBytesOf: (volume) => folder.usedBytes(volume),
    async usedBytes() {
      const volumes = await folder.list();
      return new Map(await Promise.all(volumes.map(async (id) => [id, await folder.usedBytes(id)] as const)));
    },
    async sweep(keep) {
      const isLost = async (volume: VolumeId) =>
        !keep.has(volume) && !isProtected(volume) && !(await folder.isMounted(volume));
      let removed = 0;
      for (const volume of await folder.list()) {
        if (!(await isLost(volume))) continue;
        await remove(volume);
        removed += 1;
      }
      return removed;
    },
    async attach(volume, owner) {
      requireName(volume);
      fresh.giveOut(volume);
      return inTurn(volume, () => mountVolume(folder, volume, owner));
    },
    async detach(volume) {
      requireName(volume);
      await inTurn(volume, () => unmountPatiently(volume));
      fresh.forget(volume);
    },
    async detachUnused(keep) {
      let detached = 0;
      for (const volume of await folder.list()) {
        if (keep.has(volume) || isProtected(volume) || !(await folder.isMounted(volume))) continue;
        await inTurn(volume, () => unmountPatiently(volume));
        detached += 1;
      }
      return detached;
    },
    async [Symbol.asyncDispose]() {
      for (const volume of await prepared.close()) await remove(volume);
    },
  };
}
