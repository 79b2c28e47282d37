import { DiskGuard, type DiskGuardParts } from '../sandboxes/disk-guard.ts';
import { storageBytesOf, type StorageVolumes } from '../sandboxes/storage-volumes.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';

export interface OpenDiskGuardParts extends Pick<DiskGuardParts, 'disk' | 'driver' | 'clock' | 'log'> {
  readonly volumes: StorageVolumes;
  readonly sessions: SessionRegistry;
}

/** What has sessions give way when the host runs out of disk. */
export function openDiskGuard({ volumes, sessions, ...parts }: OpenDiskGuardParts): DiskGuard {
  return new DiskGuard({
    ...parts,
    storageBytes: () => storageBytesOf(volumes),
    giveUpUnused: () => sessions.giveUpPooled(Infinity),
    evict: (id) => sessions.endSandbox(id, 'disk-pressure'),
    giveUpHibernated: sessions.endOldestHibernated.bind(sessions),
    isInCharge: () => sessions.custody.isHeld,
  });
}
