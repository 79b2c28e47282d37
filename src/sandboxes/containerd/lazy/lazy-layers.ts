import { randomUUID } from 'node:crypto';
import type { Digest } from '../../../images/digest.ts';
import type { ImageLayer } from '../../../images/image-config.ts';
import { messageOf } from '../../../shared/errors.ts';
import type { ContainerdApi } from '../api/containerd-api.ts';
import { isEngineError } from '../api/engine-error.ts';
import { chainIds } from '../images/chain-ids.ts';
import { unpackingPrefix } from '../images/unpacking-lease.ts';

export interface LazyLayersParts {
  readonly api: Pick<ContainerdApi, 'lazySnapshots'>;
  /** Keys of the snapshots that are in use for a moment: a sweep leaves them alone. */
  readonly inWork: Set<string>;
  readonly log: { info(fields: Readonly<Record<string, unknown>>, message: string): void };
}

/**
 * Mounts all layers without having them. Resolves to the name of the topmost snapshot, which `lease` keeps; undefined when one
 * of them is no eStargz layer, or the snapshotter cannot: the image then has to be here whole.
 */
export async function mountLazily(
  { api: { lazySnapshots }, inWork, log }: LazyLayersParts,
  layers: readonly ImageLayer[],
  reference: string,
  lease: string,
): Promise<Digest | undefined> {
  const chain = chainIds(layers.map(({ diffId }) => diffId));
  let parent = '';
  for (const [at, { digest, tocDigest, sizeBytes }] of layers.entries()) {
    const chainId = chain[at];
    if (chainId === undefined || tocDigest === undefined) return undefined;
    const key = `${unpackingPrefix}${randomUUID()}`;
    inWork.add(key);
    try {
      if (!(await lazySnapshots.exists(chainId))) {
        const labels = {
          'containerd.io/snapshot.ref': chainId,
          'containerd.io/snapshot/remote/stargz.reference': reference,
          'containerd.io/snapshot/remote/stargz.digest': digest,
          'containerd.io/snapshot/stargz/toc.digest': tocDigest,
          'containerd.io/snapshot/berth.size': String(sizeBytes),
        };
        await lazySnapshots.prepare(key, parent, { lease, labels, timeoutMs: mountTimeoutMs });
        // It took the snapshot for one that is to be filled by the caller: it could not read the layer.
        await lazySnapshots.remove(key);
        return undefined;
      }
    } catch (error) {
      if (!isEngineError(error, 'already-exists')) {
        log.info({ layer: digest, error: messageOf(error) }, 'a layer cannot be mounted before it is here');
        return undefined;
      }
    } finally {
      inWork.delete(key);
    }
    parent = chainId;
  }
  return chain.at(-1);
}

const mountTimeoutMs = 60_000;
