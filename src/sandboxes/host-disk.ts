import { statfs } from 'node:fs/promises';
import { BerthError } from '../shared/errors.ts';

/** The file system of the host that holds disks, images and the database. */
export interface HostDisk {
  readonly path: string;
  /** Kept free: below it nothing new takes room. */
  readonly reserveBytes: number;
  freeBytes(): Promise<number>;
}

export function hostDisk(path: string, reserveBytes: number): HostDisk {
  return {
    path,
    reserveBytes,
    async freeBytes() {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    },
  };
}

/** Bytes that something new may take. Throws `unavailable` when that is fewer than `leastBytes`. */
export async function requireRoom(host: HostDisk, leastBytes: number): Promise<number> {
  const freeBytes = await host.freeBytes();
  const roomBytes = freeBytes - host.reserveBytes;
  if (roomBytes >= leastBytes) return roomBytes;
  throw new BerthError(
    'unavailable',
    `The host's disk is full: ${inMebibytes(freeBytes)} are free at ${host.path}, and ${inMebibytes(host.reserveBytes)} are kept in reserve. Make room, or end sessions; the storage of ended ones is kept for its time and is not given up.`,
  );
}

/** Of the disk that holds the home directory; below it nothing new takes room. */
export const diskReserveBytes = 1024 ** 3;

/** As in `512 MiB`. */
export function inMebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
