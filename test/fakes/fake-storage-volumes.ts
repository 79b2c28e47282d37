import type { StorageVolumes } from '../../src/sandboxes/storage-volumes.ts';
import { newVolumeId, systemRandom, type VolumeId } from '../../src/shared/ids.ts';

/** Volumes that are only names. */
export class FakeStorageVolumes implements StorageVolumes {
  readonly volumes = new Set<VolumeId>();

  async create(): Promise<VolumeId> {
    const volume = newVolumeId(systemRandom);
    this.volumes.add(volume);
    return volume;
  }

  async remove(volume: VolumeId): Promise<void> {
    this.volumes.delete(volume);
  }

  async usedBytes(): Promise<ReadonlyMap<VolumeId, number>> {
    return new Map([...this.volumes].map((volume) => [volume, 0]));
  }

  async sweep(keep: ReadonlySet<VolumeId>): Promise<number> {
    const lost = [...this.volumes].filter((volume) => !keep.has(volume));
    for (const volume of lost) this.volumes.delete(volume);
    return lost.length;
  }
}
