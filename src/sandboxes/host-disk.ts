import { statfs } from 'node:fs/promises';

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

/** As in `512 MiB`. */
export function inMebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
