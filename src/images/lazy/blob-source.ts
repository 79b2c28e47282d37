import { chmod, rename, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { BerthError, messageOf } from '../../shared/errors.ts';
import type { BlobStore } from '../blob-store.ts';
import { type Digest, parseDigest } from '../digest.ts';

export interface BlobSourceParts {
  /** Absolute. Whoever may connect reads every image: only root may. */
  readonly socketPath: string;
  readonly blobs: Pick<BlobStore, 'find' | 'read'>;
  readonly remote: RemoteBlobs;
}

/** Blobs that are not here. */
export interface RemoteBlobs {
  /** `length` bytes of a blob of `reference` (as users write it). Rejects with a `BerthError`. */
  readRange(
    reference: string,
    digest: Digest,
    range: { readonly start: number; readonly length: number },
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>>;
}

/** Disposing stops listening; the socket's name stays, as it may be another server's by then. */
export interface BlobSource extends AsyncDisposable {
  /** Takes the socket's name again, which another server had taken: for a handover that failed. What is being read goes on. */
  reclaim(): Promise<void>;
}

/**
 * Gives pieces of layers to the snapshotter that mounts them before they are here: `GET /blobs/DIGEST?reference=IMAGE` with a
 * `Range`. What it gives is verified by its reader.
 */
export async function openBlobSource(parts: BlobSourceParts): Promise<BlobSource> {
  const servers = [await listen(parts)];
  return {
    async reclaim() {
      const next = await listen(parts);
      // No new connection can reach those before it.
      for (const server of servers) server.close();
      servers.push(next);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map(close));
    },
  };
}

async function listen(parts: BlobSourceParts): Promise<Server> {
  const server = createServer((request, response) => void answer(parts, request, response));
  // Under a name of this process first: who closes a socket removes its name, which may be another server's by then.
  const ownPath = `${parts.socketPath}.${process.pid}`;
  await rm(ownPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(ownPath, resolve);
  });
  await chmod(ownPath, 0o600);
  await rename(ownPath, parts.socketPath);
  return server;
}

/** Also one that is closing already. */
async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
}

async function answer(
  parts: BlobSourceParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const { digest, reference, range } = readRequest(request);
    const isHere = (await parts.blobs.find(digest)) !== undefined;
    const body = isHere
      ? parts.blobs.read(digest, range.start, range.length)
      : await parts.remote.readRange(reference, digest, range, gone.signal);
    response.writeHead(206, { 'content-length': range.length });
    await pipeline(body, response);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else response.writeHead(statusOf(error)).end(messageOf(error));
  }
}

function readRequest({ url = '', headers }: IncomingMessage) {
  const { pathname, searchParams } = new URL(url, 'http://berth');
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(headers.range ?? '') ?? [];
  const length = Number(last) - Number(first) + 1;
  if (!(length > 0)) throw new BerthError('validation', 'Range is missing: expected bytes=FIRST-LAST.');
  return {
    digest: parseDigest(pathname.replace('/blobs/', '')),
    reference: searchParams.get('reference') ?? '',
    range: { start: Number(first), length },
  };
}

/** What may pass is asked for again. */
function statusOf(error: unknown): number {
  return error instanceof BerthError && error.code !== 'unavailable' && error.code !== 'internal' ? 404 : 503;
}
