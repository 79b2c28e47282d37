import { type Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { MirroredClient } from '../pull/mirrored-client.ts';
import { openClient, type OpenClientParts } from '../pull/open-client.ts';
import { retrying } from '../pull/retrying.ts';
import { formatReference, parseReference } from '../reference.ts';
import type { RemoteBlobs } from './blob-source.ts';

export interface RemoteBlobsParts extends OpenClientParts {
  readonly clock: Clock;
}

const attempts = 3;
/** A log-in that was changed, and a new mirror, are known after this time. */
const clientLifeMs = 60_000;

/** Pieces of the layers of other registries. Whoever asks has been given the reference by this server. */
export function remoteBlobs(parts: RemoteBlobsParts): RemoteBlobs {
  const clients = new Map<string, { readonly madeAtMs: number; readonly client: Promise<MirroredClient> }>();

  /** Kept for a while, since it holds the registry's token. */
  function clientFor(reference: string): Promise<MirroredClient> {
    const parsed = parseReference(reference);
    const key = formatReference({ ...parsed, tag: undefined, digest: undefined });
    const nowMs = parts.clock.now();
    for (const [name, { madeAtMs }] of clients) if (madeAtMs < nowMs - clientLifeMs) clients.delete(name);
    const found = clients.get(key) ?? { madeAtMs: nowMs, client: openClient(parts, parsed) };
    clients.set(key, found);
    return found.client;
  }

  return {
    readRange: (reference, digest, { start, length }, signal) =>
      retrying({ clock: parts.clock, attempts, signal }, async (attempt) => {
        const client = await clientFor(reference);
        const range = `bytes=${start}-${start + length - 1}`;
        const response = await client.get(`blobs/${digest}`, { range }, { attempt, signal });
        const answered = String(response.headers['content-range']);
        if (response.status === 206 && answered.startsWith(`bytes ${start}-${start + length - 1}/`))
          return response.body;
        response.body.destroy();
        throw new BerthError('validation', `The registry of ${reference} does not send parts of layers.`);
      }),
  };
}
