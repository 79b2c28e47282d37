import { randomUUID } from 'node:crypto';
import type { BlobStore } from '../../../images/blob-store.ts';
import type { Digest } from '../../../images/digest.ts';
import { type ImageContent, readImage } from '../../../images/image-config.ts';
import { BerthError } from '../../../shared/errors.ts';
import type { ImagePreparation } from '../../sandbox-driver.ts';
import type { ContainerdApi } from '../api/containerd-api.ts';
import { unlessNotFound } from '../api/engine-error.ts';
import { snapshotter } from '../api/snapshots-api.ts';
import { chainIds } from './chain-ids.ts';
import { defaultPath, requireRunnable } from './image-command.ts';
import type { ImageRoots } from './image-root.ts';
import { type ImageUser, resolveImageUser } from './image-user.ts';
import { lowerDirsOf } from './lower-dirs.ts';
import { requirePlainMountPoints } from './mount-points.ts';
import type { UnpackingLease } from './unpacking-lease.ts';
import type { Unpacker } from './unpack.ts';

/** All that a start needs to know of an image, found out once. */
export interface PreparedImage {
  readonly digest: Digest;
  readonly snapshotKey: Digest;
  /** Topmost first. */
  readonly lowerDirs: readonly string[];
  readonly args: readonly string[];
  /** `NAME=value`, with PATH and HOME. */
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly user: ImageUser;
}

export interface PreparedImagesParts {
  readonly api: Pick<ContainerdApi, 'content' | 'snapshots'>;
  readonly blobs: Pick<BlobStore, 'read'>;
  readonly unpacker: Unpacker;
  readonly lease: UnpackingLease;
  readonly roots: ImageRoots;
  /** Keys of the snapshots that are in use for a moment: a sweep leaves them alone. */
  readonly inWork: Set<string>;
}

export interface PreparedImages {
  prepare(image: Digest, preparation?: ImagePreparation): Promise<void>;
  /** Rejects with `not-found` when it was not prepared, `runtime-client-error` when it cannot be started. */
  get(image: Digest): Promise<PreparedImage>;
  forget(image: Digest): Promise<void>;
}

export function preparedImages(parts: PreparedImagesParts): PreparedImages {
  const { api, blobs, unpacker, lease, roots } = parts;
  const known = new Map<Digest, Promise<PreparedImage>>();
  const preparing = new Map<
    Digest,
    { readonly work: Promise<void>; readonly listeners: Set<ProgressListener> }
  >();

  function begin(image: Digest): { readonly work: Promise<void>; readonly listeners: Set<ProgressListener> } {
    const listeners = new Set<ProgressListener>();
    const work = lease
      .hold(async (leaseId) => {
        const content = await readImage(blobs, image);
        const snapshotKey = await unpacker.unpack(content.layers, leaseId, (done, total) => {
          for (const listener of listeners) listener(done, total);
        });
        await api.content.setLabels(image, { [snapshotLabel]: snapshotKey });
      })
      .finally(() => preparing.delete(image));
    return { work, listeners };
  }

  async function look(image: Digest): Promise<PreparedImage> {
    const content = await readImage(blobs, image);
    const snapshotKey = chainIds(content.layers.map(({ diffId }) => diffId)).at(-1);
    const lowerDirs = snapshotKey === undefined ? undefined : await readLowerDirs(snapshotKey);
    if (snapshotKey === undefined || lowerDirs === undefined) {
      throw new BerthError('not-found', `The image ${image} is not unpacked on this server.`);
    }
    return roots.use(lowerDirs, async (root) => ({
      ...(await describeProcess(root, content)),
      digest: image,
      snapshotKey,
      lowerDirs,
    }));
  }

  /** The folders stay as long as the snapshot; the view is needed only to learn them. */
  async function readLowerDirs(snapshotKey: Digest): Promise<readonly string[] | undefined> {
    const key = `${viewPrefix}${randomUUID()}`;
    parts.inWork.add(key);
    try {
      const mounts = await unlessNotFound(api.snapshots.view(key, snapshotKey));
      if (mounts === undefined) return undefined;
      await api.snapshots.remove(key);
      return lowerDirsOf(mounts);
    } finally {
      parts.inWork.delete(key);
    }
  }

  return {
    async prepare(image, { onProgress, signal } = {}) {
      signal?.throwIfAborted();
      const current = preparing.get(image) ?? begin(image);
      preparing.set(image, current);
      if (onProgress !== undefined) current.listeners.add(onProgress);
      try {
        await untilAborted(current.work, signal);
      } finally {
        if (onProgress !== undefined) current.listeners.delete(onProgress);
      }
    },
    async get(image) {
      const found = known.get(image) ?? look(image);
      known.set(image, found);
      try {
        return await found;
      } catch (error) {
        if (known.get(image) === found) known.delete(image);
        throw error;
      }
    },
    async forget(image) {
      known.delete(image);
      await unlessNotFound(api.content.setLabels(image, { [snapshotLabel]: '' }));
    },
  };
}

export const viewPrefix = 'view-';

type ProgressListener = (done: number, total: number) => void;

const snapshotLabel = `containerd.io/gc.ref.snapshot.${snapshotter}`;

async function describeProcess(
  root: string,
  content: ImageContent,
): Promise<Pick<PreparedImage, 'args' | 'env' | 'workingDir' | 'user'>> {
  await requirePlainMountPoints(root);
  const args = [...content.entrypoint, ...content.cmd];
  const workingDir = content.workingDir === '' ? '/' : content.workingDir;
  const path = content.env.findLast((line) => line.startsWith('PATH='))?.slice('PATH='.length) ?? defaultPath;
  const user = await resolveImageUser(root, content.user);
  await requireRunnable(root, { args, workingDir, path });
  return { args, env: [`PATH=${path}`, `HOME=${user.home}`, ...content.env], workingDir, user };
}

/** The work goes on for others when this caller goes away. */
async function untilAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
