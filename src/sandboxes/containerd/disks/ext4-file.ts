import { existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { CommandFailure, runCommand } from '../run-command.ts';
import type { DiskFolder } from './disk-folder.ts';
import { syncFile } from './file-system-check.ts';
import { ensureLoopNodes } from './kernel-disks.ts';

/** What file systems of one kind are made with. */
export interface Ext4Features {
  readonly features: string;
  /** Beside those that all have: `-E`. */
  readonly extended?: string;
  readonly bytesPerInode?: number;
}

/** A sparse file with a file system in it. When it rejects, the caller removes what is there. */
export async function makeExt4File(
  path: string,
  sizeBytes: number,
  { features, extended, bytesPerInode }: Ext4Features,
): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.truncate(sizeBytes);
  // No reserve for root, no discard of a file that is all holes, and tables are zeros already.
  await runCommand('mkfs.ext4', [
    ...['-q', '-F', '-m', '0', '-O', features],
    ...(bytesPerInode === undefined ? [] : ['-i', String(bytesPerInode)]),
    ...[
      '-E',
      [
        'lazy_itable_init=1',
        'nodiscard',
        'root_owner=0:0',
        ...(extended === undefined ? [] : [extended]),
      ].join(),
      path,
    ],
  ]);
}

/** One that was just made. */
export async function mountNew<Name extends string>(folder: DiskFolder<Name>, name: Name): Promise<void> {
  const mountPoint = folder.mountPointOf(name);
  await mkdir(mountPoint, { recursive: true, mode: 0o700 });
  await mount(`loop,${mountOptions}`, folder.imageOf(name), mountPoint);
}

/**
 * Mounts one again, unless it is mounted. When nothing has its file open any more, `check` looks at it first. A loop device that
 * is still there is used: a second one over the same file would destroy it.
 */
export async function mountAgain<Name extends string>(
  folder: DiskFolder<Name>,
  name: Name,
  check: (image: string) => Promise<void>,
): Promise<void> {
  if (await folder.isMounted(name)) return;
  const [device] = await folder.devicesOf(name);
  if (device === undefined) {
    await check(folder.imageOf(name));
    return mountNew(folder, name);
  }
  const mountPoint = folder.mountPointOf(name);
  await mkdir(mountPoint, { recursive: true, mode: 0o700 });
  await mount(mountOptions, device, mountPoint);
}

/** Idempotent. Everything is on disk when this resolves; rejects while something still uses it. */
export async function unmount<Name extends string>(folder: DiskFolder<Name>, name: Name): Promise<void> {
  while (await folder.isMounted(name)) await runCommand('umount', [folder.mountPointOf(name)]);
  const image = folder.imageOf(name);
  if (existsSync(image)) await syncFile(image);
}

/** noinit_itable: the kernel would fill the inode tables in the background, 160 MB of a sparse file of 10 GB. */
const mountOptions = 'nodev,nosuid,noatime,noinit_itable,errors=remount-ro';

async function mount(options: string, what: string, mountPoint: string): Promise<void> {
  const args = ['-t', 'ext4', '-o', options, what, mountPoint];
  try {
    await runCommand('mount', args);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    // Where nobody makes device nodes (a container's /dev), new loop devices have none.
    if (!(await ensureLoopNodes())) throw error;
    await runCommand('mount', args);
  }
}
