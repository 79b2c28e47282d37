import { existsSync } from 'node:fs';
import { mkdir, open, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

import { CommandFailure, runCommand } from '../run-command.ts';
import type { SandboxDisk } from './sandbox-disk.ts';
import { attachedLoops, detachLoop, ensureLoopNodes, mountPoints } from './kernel-disks.ts';

const imageSuffix = '.ext4';

/** Where a disk's parts are: the sparse file, and the folder that it is mounted on. */
export function imagePath(dir: string, name: string): string {
  return join(dir, `${name}${imageSuffix}`);
}

export function mountPath(dir: string, name: string): string {
  return join(dir, name);
}

/** The disk that an entry of the pool's folder belongs to; undefined when it is no disk's. */
export function diskNameOf(entry: string): string | undefined {
  return /^(disk-[a-z0-9]+)(\.ext4)?$/.exec(entry)?.[1];
}

/** Makes, formats and mounts one; when it rejects, the caller removes what is there. */
export async function makeDisk(dir: string, name: string, sizeBytes: number): Promise<SandboxDisk> {
  const image = imagePath(dir, name);
  const mountPoint = mountPath(dir, name);
  const file = await open(image, 'wx', 0o600);
  try {
    await file.truncate(sizeBytes);
  } finally {
    await file.close();
  }
  // A disk lives as long as one sandbox, so it needs no journal, no room to grow and no reserve for root.
  await runCommand('mkfs.ext4', [
    ...['-q', '-F', '-m', '0', '-O', '^has_journal,^resize_inode'],
    ...['-E', 'lazy_itable_init=1,nodiscard,root_owner=0:0', image],
  ]);
  await mkdir(mountPoint, { mode: 0o700 });
  await mountImage(image, mountPoint);
  const disk = diskAt(dir, name);
  await mkdir(disk.upperDir, { mode: 0o755 });
  await mkdir(disk.workDir, { mode: 0o700 });
  return disk;
}

export function diskAt(dir: string, name: string): SandboxDisk {
  const mountPoint = mountPath(dir, name);
  return { name, upperDir: join(mountPoint, 'upper'), workDir: join(mountPoint, 'work') };
}

/** Unmounts, detaches and deletes whatever is left of a disk. Idempotent. */
export async function removeDisk(dir: string, name: string): Promise<void> {
  const image = imagePath(dir, name);
  const mountPoint = mountPath(dir, name);
  while ((await mountPoints(dir)).includes(mountPoint)) await unmount(mountPoint);
  // Detaching happens with the last unmount; one that was never mounted, or mounted by hand, needs to be told.
  for (const { device, file } of await attachedLoops(dir)) if (file === image) await detachLoop(device);
  await rm(image, { force: true });
  // Never recursive: were it still mounted, the sandbox's files would be walked through.
  if (existsSync(mountPoint)) await rmdir(mountPoint);
}

async function mountImage(image: string, mountPoint: string): Promise<void> {
  // noinit_itable: the kernel would fill the inode tables in the background, 160 MB of a sparse file of 10 GB.
  const args = [
    '-t',
    'ext4',
    '-o',
    'loop,nodev,nosuid,noatime,noinit_itable,errors=remount-ro',
    image,
    mountPoint,
  ];
  try {
    await runCommand('mount', args);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    // Where nobody makes device nodes (a container's /dev), new loop devices have none.
    if (!(await ensureLoopNodes())) throw error;
    await runCommand('mount', args);
  }
}

async function unmount(mountPoint: string): Promise<void> {
  try {
    await runCommand('umount', [mountPoint]);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    await runCommand('umount', ['-l', mountPoint]);
  }
}
