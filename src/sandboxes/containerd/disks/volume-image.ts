import { existsSync } from 'node:fs';
import { chown, mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../../shared/errors.ts';
import type { VolumeId } from '../../../shared/ids.ts';
import type { DiskFolder } from './disk-folder.ts';
import { makeExt4File, mountAgain, unmount } from './ext4-file.ts';
import { checkFileSystem, syncFile } from './file-system-check.ts';

type Folder = DiskFolder<VolumeId>;

/** What a volume's file system is mounted for. */
export interface VolumeOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Makes and formats one; it is on disk when this resolves. The file system has a journal, so that a kill or a power cut at any
 * moment leaves it whole. When it rejects, the caller removes what is there.
 */
export async function makeVolumeImage(folder: Folder, name: VolumeId, sizeBytes: number): Promise<void> {
  const image = folder.imageOf(name);
  await makeExt4File(image, sizeBytes, {
    features: 'has_journal,^resize_inode',
    extended: 'lazy_journal_init=1',
    // AWS allows 100,000 to 200,000 files in 1 GB.
    bytesPerInode: 8192,
  });
  await syncFile(image);
  await syncFile(folder.path);
}

/**
 * Mounts it, unless it is mounted, and returns the folder for the session's files, which `owner` may write to. The journal is
 * replayed and errors that can be are repaired. Rejects with `unavailable` for one that is gone or damaged.
 */
export async function mountVolume(folder: Folder, name: VolumeId, owner: VolumeOwner): Promise<string> {
  if (!existsSync(folder.imageOf(name))) {
    throw new BerthError(
      'unavailable',
      `The session's storage is gone: its file ${name}.ext4 is not in the state directory any more.`,
    );
  }
  await mountAgain(folder, name, checkVolume);
  return filesFolder(folder.mountPointOf(name), owner);
}

/** Idempotent. Resolves when everything is on disk; rejects while something still uses it: two mounts of one file would destroy it. */
export async function unmountVolume(folder: Folder, name: VolumeId): Promise<void> {
  await unmount(folder, name);
  const mountPoint = folder.mountPointOf(name);
  if (existsSync(mountPoint)) await rmdir(mountPoint);
}

/** Of one that is not mounted. */
export async function deleteVolumeImage(folder: Folder, name: VolumeId): Promise<void> {
  await rm(folder.imageOf(name), { force: true });
}

async function checkVolume(image: string): Promise<void> {
  try {
    await checkFileSystem(image, "The session's storage");
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    throw new BerthError('unavailable', `${error.message} Or delete the session's runtime.`, {
      cause: error,
    });
  }
}

/** A folder below the root, where mkfs put a lost+found. It gets its name when its owner is right. */
async function filesFolder(mountPoint: string, { uid, gid }: VolumeOwner): Promise<string> {
  const folder = join(mountPoint, 'files');
  if (existsSync(folder)) return folder;
  const unfinished = join(mountPoint, 'files.new');
  await mkdir(unfinished, { recursive: true, mode: 0o755 });
  await chown(unfinished, uid, gid);
  await rename(unfinished, folder);
  return folder;
}
