import type { BlobInfo, BlobStore } from '../../images/blob-store.ts';
import type { Digest } from '../../images/digest.ts';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { ContainerdApi } from './api/containerd-api.ts';
import { toBerthError, unlessNotFound, withBerthErrors } from './api/engine-error.ts';
import { openContentWriter } from './content-writer.ts';

export interface ContentStoreParts {
  readonly api: Pick<ContainerdApi, 'content' | 'leases'>;
  readonly clock: Clock;
}

/**
 * Blobs in containerd's content store. A pin is the collector's root label, a reference its `gc.ref` label; a lease keeps new
 * content for a while. Uploads that nobody continues are collected after a day.
 */
export function contentStore({ api, clock }: ContentStoreParts): BlobStore {
  const { content, leases } = api;

  /** One lease serves all that comes within a quarter of an hour. */
  async function keepForAWhile(digest: Digest): Promise<void> {
    const period = Math.floor(clock.now() / graceMs);
    const lease = `new-content-${period}`;
    await leases.create(lease, (period + 2) * graceMs);
    await leases.addContent(lease, digest);
  }

  return {
    find: (digest) =>
      withBerthErrors(async (): Promise<BlobInfo | undefined> => {
        const info = await content.find(digest);
        return info === undefined ? undefined : { digest, sizeBytes: info.size };
      }),
    async *read(digest, offset = 0, length) {
      const info = await withBerthErrors(() => content.find(digest));
      if (info === undefined) throw missing(digest);
      const wanted = Math.min(length ?? Infinity, info.size - offset);
      if (wanted <= 0) return;
      try {
        for await (const { data } of content.read(digest, offset, wanted)) yield data;
      } catch (error) {
        throw toBerthError(error);
      }
    },
    openWriter: (reference) => openContentWriter({ content, clock, keepForAWhile }, reference),
    setReferences: (from, to) =>
      setLabels(from, Object.fromEntries(to.map((digest) => [referenceLabel(digest), digest]))),
    pin: (digest) => setLabels(digest, { [rootLabel]: new Date(clock.now()).toISOString() }),
    async unpin(digest) {
      await withBerthErrors(() => unlessNotFound(content.setLabels(digest, { [rootLabel]: '' })));
    },
  };

  async function setLabels(digest: Digest, labels: Readonly<Record<string, string>>): Promise<void> {
    if (Object.keys(labels).length === 0) return;
    await withBerthErrors(async () => {
      if ((await unlessNotFound(content.setLabels(digest, labels).then(() => true))) === undefined)
        throw missing(digest);
    });
  }
}

const graceMs = 15 * 60_000;
const rootLabel = 'containerd.io/gc.root';

function referenceLabel(digest: Digest): string {
  return `containerd.io/gc.ref.content.${digest.slice('sha256:'.length, 'sha256:'.length + 16)}`;
}

function missing(digest: Digest): BerthError {
  return new BerthError('not-found', `There is no content ${digest} on this server.`);
}
