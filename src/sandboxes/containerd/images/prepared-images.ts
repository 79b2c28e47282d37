import type { Steps } from '../../../shared/steps.ts';
import { randomUUID } from 'node:crypto';
import type { BlobStore } from '../../../images/blob-store.ts';
import type { Digest } from '../../../images/digest.ts';
import { type ImageContent, readImage } from '../../../images/image-config.ts';
import type { Platform } from '../../../images/platform.ts';
import { type Clock, sleep } from '../../../shared/clock.ts';
import { BerthError } from '../../../shared/errors.ts';
import type { ImagePreparation } from '../../sandbox-driver.ts';
import type { ContainerdApi } from '../api/containerd-api.ts';
import { unlessNotFound } from '../api/engine-error.ts';
import { lazySnapshotter, snapshotter, type Snapshotter, type SnapshotsApi } from '../api/snapshots-api.ts';
import { mountLazily } from '../lazy/lazy-layers.ts';
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
  readonly platform: Platform;
  readonly snapshotKey: Digest;
  readonly snapshotter: Snapshotter;
  /** Topmost first. */
  readonly lowerDirs: readonly string[];
  readonly args: readonly string[];
  /** `NAME=value`, with PATH and HOME. */
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly user: ImageUser;
}

export interface PreparedImagesParts {
  readonly api: Pick<ContainerdApi, 'snapshots' | 'lazySnapshots'> & {
    readonly content: Pick<ContainerdApi['content'], 'find' | 'setLabels'>;
  };
  readonly blobs: Pick<BlobStore, 'read'>;
  readonly unpacker: Unpacker;
  readonly lease: UnpackingLease;
  readonly roots: ImageRoots;
  /** Keys of the snapshots that are in use for a moment: a sweep leaves them alone. */
  readonly inWork: Set<string>;
  readonly clock: Clock;
  /** Why layers cannot be mounted before they are here; undefined when they can. */
  readonly lazyMissing: () => string | undefined;
  readonly log: { info(fields: Readonly<Record<string, unknown>>, message: string): void };
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

export interface PreparedImages {
  prepare(image: Digest, preparation?: ImagePreparation): Promise<void>;
  /** False when it has to be here whole, or is unpacked already. */
  prepareLazily(image: Digest, reference: string): Promise<boolean>;
  /**
   * Unpacks it again when it was forgotten. Rejects with `not-found` when its content is not here, `runtime-client-error` when it
   * cannot be started, or the signal's reason.
   */
  get(image: Digest, signal?: AbortSignal): Promise<PreparedImage>;
  /** Of an image that is unpacked as a whole: when it was last prepared or got, to the hour. */
  lastUse(image: Digest): Promise<number | undefined>;
  /** It is unpacked, and nothing is about to start from what was mounted before. */
  letGoOfLazy(image: Digest): Promise<void>;
  forget(image: Digest): Promise<void>;
  /**
   * For a handover: breaks off whatever is being unpacked, as the other server sweeps what it does not know; resolves when nothing
   * of it goes on, and rejects with `unavailable` when that takes too long. Until `resume` nothing is unpacked.
   */
  pause(): Promise<void>;
  resume(): void;
}

export function preparedImages(parts: PreparedImagesParts): PreparedImages {
  const { api, blobs, unpacker, lease, roots, clock } = parts;
  const known = new Map<Digest, Promise<PreparedImage>>();
  const notedAtMs = new Map<Digest, number>();
  const preparing = new Map<
    Digest,
    { readonly work: Promise<void>; readonly listeners: Set<ProgressListener> }
  >();

  const working = new Set<Promise<unknown>>();
  let pausing = new AbortController();

  /** What holds the lease ends before another server takes charge. */
  async function hold<Result>(
    work: (leaseId: string, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { signal } = pausing;
    signal.throwIfAborted();
    const held = lease.hold((leaseId) => work(leaseId, signal));
    working.add(held);
    return held.finally(() => working.delete(held));
  }

  function begin(image: Digest): { readonly work: Promise<void>; readonly listeners: Set<ProgressListener> } {
    const listeners = new Set<ProgressListener>();
    const onProgress: ProgressListener = (done, total) => {
      for (const listener of listeners) listener(done, total);
    };
    const work = hold(async (leaseId, signal) => {
      const content = await readImage(blobs, image);
      const snapshotKey = await unpacker.unpack(content.layers, leaseId, onProgress, signal);
      const nowMs = clock.now();
      await api.content.setLabels(image, { [snapshotLabel]: snapshotKey, [useLabel]: String(nowMs) });
      notedAtMs.set(image, nowMs);
      parts.steps?.reached('unpack:labelled');
      // New sandboxes stand on what is unpacked; those that run keep what they stand on.
      known.delete(image);
    }).finally(() => preparing.delete(image));
    return { work, listeners };
  }

  async function prepare(image: Digest, { onProgress, signal }: ImagePreparation = {}): Promise<void> {
    signal?.throwIfAborted();
    const current = preparing.get(image) ?? begin(image);
    preparing.set(image, current);
    if (onProgress !== undefined) current.listeners.add(onProgress);
    try {
      await untilAborted(current.work, signal);
    } finally {
      if (onProgress !== undefined) current.listeners.delete(onProgress);
    }
  }

  async function lookOrRestore(image: Digest): Promise<PreparedImage> {
    try {
      return await look(image);
    } catch (error) {
      if (!(error instanceof BerthError) || error.code !== 'not-found') throw error;
      await prepare(image);
      return look(image);
    }
  }

  /** Nobody waits for it: a start is not to be slower because of it. */
  function noteUse(image: Digest): void {
    const nowMs = clock.now();
    if (nowMs - (notedAtMs.get(image) ?? 0) < noteEveryMs) return;
    notedAtMs.set(image, nowMs);
    api.content.setLabels(image, { [useLabel]: String(nowMs) }).catch(() => notedAtMs.delete(image));
  }

  async function look(image: Digest): Promise<PreparedImage> {
    const content = await readImage(blobs, image);
    const snapshotKey = chainIds(content.layers.map(({ diffId }) => diffId)).at(-1);
    const found = snapshotKey === undefined ? undefined : await findLowerDirs(snapshotKey);
    if (snapshotKey === undefined || found === undefined) {
      throw new BerthError('not-found', `The image ${image} is not unpacked on this server.`);
    }
    return roots.use(found.lowerDirs, async (root) => ({
      ...(await describeProcess(root, content)),
      digest: image,
      platform: content.platform,
      snapshotKey,
      ...found,
    }));
  }

  async function findLowerDirs(
    snapshotKey: Digest,
  ): Promise<Pick<PreparedImage, 'lowerDirs' | 'snapshotter'> | undefined> {
    const lowerDirs = await readLowerDirs(api.snapshots, snapshotKey);
    if (lowerDirs !== undefined) return { lowerDirs, snapshotter };
    if (parts.lazyMissing() !== undefined) return undefined;
    const mounted = await readLowerDirs(api.lazySnapshots, snapshotKey).catch(() => undefined);
    return mounted && { lowerDirs: mounted, snapshotter: lazySnapshotter };
  }

  /** The folders stay as long as the snapshot; the view is needed only to learn them. */
  async function readLowerDirs(
    snapshots: SnapshotsApi,
    snapshotKey: Digest,
  ): Promise<readonly string[] | undefined> {
    const key = `${viewPrefix}${randomUUID()}`;
    parts.inWork.add(key);
    try {
      const mounts = await unlessNotFound(snapshots.view(key, snapshotKey));
      if (mounts === undefined) return undefined;
      await snapshots.remove(key);
      return lowerDirsOf(mounts);
    } finally {
      parts.inWork.delete(key);
    }
  }

  return {
    prepare,
    async prepareLazily(image, reference) {
      const { layers } = await readImage(blobs, image);
      const top = chainIds(layers.map(({ diffId }) => diffId)).at(-1);
      if (top === undefined || layers.some(({ tocDigest }) => tocDigest === undefined)) return false;
      const missing = parts.lazyMissing();
      if (missing !== undefined) {
        parts.log.info({ image, missing }, 'an image that could start before it is here is fetched whole');
        return false;
      }
      if (await api.snapshots.exists(top)) return false;
      return hold(async (leaseId) => {
        const mounted = await mountLazily(parts, layers, reference, leaseId);
        if (mounted === undefined) return false;
        await api.content.setLabels(image, { [lazySnapshotLabel]: mounted });
        known.delete(image);
        return true;
      });
    },
    async letGoOfLazy(image) {
      await unlessNotFound(api.content.setLabels(image, { [lazySnapshotLabel]: '' }));
    },
    async get(image, signal) {
      noteUse(image);
      const found = known.get(image) ?? lookOrRestore(image);
      known.set(image, found);
      try {
        return await untilAborted(found, signal);
      } catch (error) {
        if (known.get(image) === found) known.delete(image);
        throw error;
      }
    },
    async lastUse(image) {
      const labels = (await api.content.find(image))?.labels ?? {};
      return (labels[snapshotLabel] ?? '') === '' ? undefined : Number(labels[useLabel] ?? 0);
    },
    async forget(image) {
      known.delete(image);
      await unlessNotFound(api.content.setLabels(image, { [snapshotLabel]: '', [lazySnapshotLabel]: '' }));
    },
    async pause() {
      pausing.abort(beingReplaced());
      const over = new AbortController();
      const tooLate = sleep(clock, pauseLimitMs, over.signal).then(
        () => {
          throw new BerthError('unavailable', 'The engine does not stop unpacking images.');
        },
        () => {},
      );
      await Promise.race([Promise.allSettled(working), tooLate]).finally(() => over.abort());
    },
    resume() {
      if (pausing.signal.aborted) pausing = new AbortController();
    },
  };
}

function beingReplaced(): BerthError {
  return new BerthError('unavailable', 'The server is being replaced by another one. Try again shortly.');
}

const pauseLimitMs = 30_000;

const noteEveryMs = 3_600_000;
/** Of a manifest: when its image was used last. */
const useLabel = 'berth.used-at';

export const viewPrefix = 'view-';

type ProgressListener = (done: number, total: number) => void;

const snapshotLabel = `containerd.io/gc.ref.snapshot.${snapshotter}`;
const lazySnapshotLabel = `containerd.io/gc.ref.snapshot.${lazySnapshotter}`;

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
async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
