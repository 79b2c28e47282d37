import type { Steps } from '../../../shared/steps.ts';
import { randomUUID } from 'node:crypto';
import type { Digest } from '../../../images/digest.ts';
import type { ImageLayer } from '../../../images/image-config.ts';
import type { Clock } from '../../../shared/clock.ts';
import { BerthError } from '../../../shared/errors.ts';
import { type HostDisk, inMebibytes } from '../../host-disk.ts';
import type { ContainerdApi } from '../api/containerd-api.ts';
import { isEngineError } from '../api/engine-error.ts';
import { chainIds } from './chain-ids.ts';
import { unpackingPrefix } from './unpacking-lease.ts';

/** Applies layers to snapshots. A crash leaves only what the next attempt continues from or the collector takes. */
export interface Unpacker {
  /** Resolves to the name of the topmost snapshot, which `lease` keeps when it was made here. Broken off, it rejects with the signal's reason. */
  unpack(
    layers: readonly ImageLayer[],
    lease: string,
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<Digest>;
}

interface Application {
  readonly chainId: Digest;
  readonly parent: string;
  readonly lease: string;
  readonly signal: AbortSignal;
}

export interface UnpackerParts {
  readonly api: Pick<ContainerdApi, 'diff' | 'snapshots'>;
  readonly host: HostDisk;
  readonly clock: Clock;
  /** Keys of the snapshots that are in use for a moment: a sweep leaves them alone. */
  readonly inWork: Set<string>;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

export function unpacker({ api: { diff, snapshots }, host, clock, inWork, steps }: UnpackerParts): Unpacker {
  /** Images that are unpacked at the same time share the layers they have in common. */
  const applying = new Map<Digest, Promise<void>>();

  /** Of all images that wait for the layer, the first one's `signal` counts: they are only ever broken off together. */
  async function apply(layer: ImageLayer, { chainId, parent, lease, signal }: Application): Promise<void> {
    signal.throwIfAborted();
    if (await snapshots.exists(chainId)) return;
    const key = `${unpackingPrefix}${randomUUID()}`;
    inWork.add(key);
    using room = watchRoom(host, clock);
    try {
      const mounts = await snapshots.prepare(key, parent, { lease });
      steps?.reached('unpack:prepared');
      const applied = await diff.apply(
        { mediaType: layer.mediaType, digest: layer.digest, size: layer.sizeBytes },
        mounts,
        { lease, timeoutMs: applyTimeoutMs, signal: AbortSignal.any([room.signal, signal]) },
      );
      steps?.reached('unpack:applied');
      if (applied !== layer.diffId) {
        throw new BerthError(
          'validation',
          `The layer ${layer.digest} of the image unpacks to ${applied}, but its configuration says ${layer.diffId}. Build and push the image again.`,
        );
      }
      await snapshots.commit(chainId, key, { lease });
      steps?.reached('unpack:committed');
    } catch (error) {
      await snapshots.remove(key).catch(() => undefined);
      if (!isEngineError(error, 'already-exists')) throw describeFailure(layer, error);
    } finally {
      inWork.delete(key);
    }
  }

  return {
    async unpack(layers, lease, onProgress, signal) {
      const chain = chainIds(layers.map(({ diffId }) => diffId));
      const top = chain.at(-1);
      if (top === undefined) {
        throw new BerthError(
          'validation',
          'The image has no layers, so it holds no program that could be started.',
        );
      }
      if (await snapshots.exists(top)) {
        onProgress(layers.length, layers.length);
        return top;
      }
      let parent = '';
      for (const [at, layer] of layers.entries()) {
        const chainId = chain[at];
        if (chainId === undefined) break;
        onProgress(at, layers.length);
        const work =
          applying.get(chainId) ??
          apply(layer, { chainId, parent, lease, signal }).finally(() => applying.delete(chainId));
        applying.set(chainId, work);
        await work;
        parent = chainId;
      }
      onProgress(layers.length, layers.length);
      return top;
    },
  };
}

/**
 * Aborts when the host has less free than its reserve: how much a layer unpacks to is not known before, and a small one may
 * hold any number of zeros.
 */
function watchRoom(host: HostDisk, clock: Clock): Disposable & { readonly signal: AbortSignal } {
  const tooFull = new AbortController();
  let cancel = () => {};
  const look = async () => {
    const free = await host.freeBytes();
    if (free < host.reserveBytes) tooFull.abort(noRoom(host, free));
    else if (!isDisposed) cancel = clock.after(lookEveryMs, () => void look().catch(() => {}));
  };
  let isDisposed = false;
  void look().catch(() => {});
  return {
    signal: tooFull.signal,
    [Symbol.dispose]() {
      isDisposed = true;
      cancel();
    },
  };
}

function noRoom({ reserveBytes }: HostDisk, freeBytes: number): BerthError {
  return new BerthError(
    'validation',
    `The image does not fit on the host's disk: while it was unpacked, ${inMebibytes(freeBytes)} were left, less than the ${inMebibytes(reserveBytes)} that are kept in reserve. Make room, or build a smaller image, and update the runtime.`,
  );
}

const lookEveryMs = 100;

/** A layer of many gigabytes on a slow disk. */
const applyTimeoutMs = 60 * 60_000;

function describeFailure(layer: ImageLayer, error: unknown): unknown {
  if (!isEngineError(error, 'unknown', 'invalid-argument', 'failed-precondition')) return error;
  if (/no space left on device|disk quota exceeded/.test(error.details)) {
    return new BerthError(
      'unavailable',
      'The host has no disk space left to unpack the image. Make room and try again.',
      {
        cause: error,
      },
    );
  }
  return new BerthError(
    'validation',
    `The layer ${layer.digest} of the image cannot be unpacked: ${error.details}. Build and push the image again.`,
    { cause: error },
  );
}
