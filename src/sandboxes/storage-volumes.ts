import type { VolumeId } from '../shared/ids.ts';

/** A volume and the folder that a sandbox sees it as. */
export interface MountedStorage {
  readonly volume: VolumeId;
  /** Absolute, directly below /mnt. */
  readonly mountPath: string;
}

/**
 * File systems that outlive sandboxes. Each belongs to one session and is mounted into at most one sandbox at a time, by the
 * driver. Failures are `unavailable`.
 */
export interface StorageVolumes {
  /** An empty one, on disk when this resolves. For five minutes no sweep removes it. */
  create(sizeBytes: number): Promise<VolumeId>;
  /** Deletes it with all files. Idempotent. Rejects with `unavailable` while it is mounted. */
  remove(volume: VolumeId): Promise<void>;
  /** Bytes that each takes on the host. */
  usedBytes(): Promise<ReadonlyMap<VolumeId, number>>;
  /** Removes those that are neither in `keep`, nor prepared, nor mounted; returns how many. */
  sweep(keep: ReadonlySet<VolumeId>): Promise<number>;
}

/** Bytes that all of them take on the host. */
export async function storageBytesOf(volumes: Pick<StorageVolumes, 'usedBytes'>): Promise<number> {
  return [...(await volumes.usedBytes()).values()].reduce((sum, bytes) => sum + bytes, 0);
}
