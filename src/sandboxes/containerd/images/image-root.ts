import { mkdir, rmdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { runCommand } from '../run-command.ts';

/** Where images are mounted read-only for a moment, to be looked into. */
export interface ImageRoots {
  /** Runs `work` with the root of an image. */
  use<T>(lowerDirs: readonly string[], work: (root: string) => Promise<T>): Promise<T>;
  /** The mount points in use right now. */
  readonly inUse: ReadonlySet<string>;
}

export function imageRoots(dir: string): ImageRoots {
  const inUse = new Set<string>();
  let counter = 0;
  return {
    inUse,
    async use(lowerDirs, work) {
      const [first] = lowerDirs;
      if (first === undefined) throw new TypeError('an image root has at least one folder');
      if (lowerDirs.length === 1) return work(first);
      counter += 1;
      const root = join(dir, `${process.pid}-${counter}`);
      // All options must fit into one page, so the folders are named from the one that holds them all.
      const parent = dirname(dirname(first));
      const lowerDir = lowerDirs.map((folder) => relative(parent, folder)).join(':');
      await mkdir(root, { recursive: true, mode: 0o700 });
      inUse.add(root);
      try {
        await runCommand('mount', ['-t', 'overlay', '-o', `ro,lowerdir=${lowerDir}`, 'overlay', root], {
          cwd: parent,
        });
        try {
          return await work(root);
        } finally {
          await runCommand('umount', [root]);
        }
      } finally {
        inUse.delete(root);
        await rmdir(root).catch(() => undefined);
      }
    },
  };
}
