import { existsSync } from 'node:fs';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../../shared/errors.ts';
import { CommandFailure, runCommand } from '../run-command.ts';
import type { DiskFolder } from './disk-folder.ts';
import { makeExt4File, mountAgain, mountNew } from './ext4-file.ts';
import { checkFileSystem } from './file-system-check.ts';
import { detachLoop } from './kernel-disks.ts';
import type { SandboxDisk } from './sandbox-disk.ts';

/** Of disks of sandboxes. */
type Folder = DiskFolder<string>;

/** Makes, formats and mounts one; when it rejects, the caller removes what is there. */
export async function makeDisk(folder: Folder, name: string, sizeBytes: number): Promise<SandboxDisk> {
  // A disk lives as long as one sandbox, so it needs no journal and no room to grow.
  await makeExt4File(folder.imageOf(name), sizeBytes, { features: '^has_journal,^resize_inode' });
  await mountNew(folder, name);
  const disk = diskAt(folder, name);
  await mkdir(disk.upperDir, { mode: 0o755 });
  await mkdir(disk.workDir, { mode: 0o700 });
  return disk;
}

function diskAt(folder: Folder, name: string): SandboxDisk {
  const mountPoint = folder.mountPointOf(name);
  return { name, upperDir: join(mountPoint, 'upper'), workDir: join(mountPoint, 'work') };
}

/** Mounts it again, unless it is mounted. One that a reboot found mounted is checked. */
export async function remountDisk(folder: Folder, name: string): Promise<SandboxDisk> {
  if (!existsSync(folder.imageOf(name)))
    throw new BerthError('internal', `The files of the sandbox are gone: there is no ${name}.`);
  await mountAgain(folder, name, (image) => checkFileSystem(image, "The sandbox's disk"));
  return diskAt(folder, name);
}

/** Unmounts, detaches and deletes whatever is left of a disk. Idempotent. */
export async function removeDisk(folder: Folder, name: string): Promise<void> {
  const mountPoint = folder.mountPointOf(name);
  while (await folder.isMounted(name)) await unmountNowOrLater(mountPoint);
  // Detaching happens with the last unmount; one that was never mounted, or mounted by hand, needs to be told.
  for (const device of await folder.devicesOf(name)) await detachLoop(device);
  await rm(folder.imageOf(name), { force: true });
  // Never recursive: were it still mounted, the sandbox's files would be walked through.
  if (existsSync(mountPoint)) await rmdir(mountPoint);
}

async function unmountNowOrLater(mountPoint: string): Promise<void> {
  try {
    await runCommand('umount', [mountPoint]);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    await runCommand('umount', ['-l', mountPoint]);
  }
}
