import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';

export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Replaces a file as a whole: a reader sees the old or the new text, never a part. An existing file
 * keeps its mode unless that is wider than `maxMode`; a new one gets 0600. A link is followed, except when root writes for
 * another user, whose links root must not trust.
 */
export async function writePrivately(
  path: string,
  text: string,
  owner?: FileOwner,
  maxMode = 0o600,
): Promise<void> {
  const target = owner === undefined ? await realpath(path).catch(() => path) : path;
  const mode = await stat(target).then(
    (existing) => existing.mode & maxMode,
    () => 0o600,
  );
  const draft = `${target}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', mode);
  try {
    await file.writeFile(text);
    if (owner !== undefined) await file.chown(owner.uid, owner.gid);
    await file.sync();
    await rename(draft, target);
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}
