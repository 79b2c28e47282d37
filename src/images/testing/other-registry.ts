import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SampleBlob, SampleImage } from './sample-image.ts';

/** Answers a request itself when it returns true. */
export type Twist = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A registry of somebody else, on loopback, which a test can make misbehave. */
export interface OtherRegistry extends AsyncDisposable {
  readonly host: string;
  /** Method and path of every request so far. */
  readonly requests: { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  twist: Twist;
  /** Answers whatever the query says, as mirrors do. */
  anyQuery: boolean;
  add(reference: string, manifest: SampleBlob): void;
  addImage(reference: string, image: SampleImage): void;
}

export async function openOtherRegistry(): Promise<OtherRegistry> {
  const content = new Map<string, SampleBlob>();
  const requests: OtherRegistry['requests'] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push({ path, headers: request.headers });
    if (registry.twist(request, response)) return;
    const [bare = ''] = registry.anyQuery ? path.split('?') : [path];
    const found = content.get(bare.replace('/v2/app/', ''));
    if (found === undefined) {
      response.writeHead(404).end('{}');
      return;
    }
    const [isPart, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const total = found.bytes.byteLength;
    const [start, end] = [Number(first), last === '' ? total : Number(last) + 1];
    const part = found.bytes.subarray(start, end);
    response.writeHead(isPart === undefined ? 200 : 206, {
      'content-type': found.mediaType,
      ...(isPart !== undefined && {
        'content-range': `bytes ${start}-${start + part.byteLength - 1}/${total}`,
      }),
    });
    response.end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const registry: OtherRegistry = {
    host: `127.0.0.1:${port}`,
    requests,
    twist: () => false,
    anyQuery: false,
    add(reference, manifest) {
      content.set(`manifests/${reference}`, manifest);
      content.set(`manifests/${manifest.digest}`, manifest);
    },
    addImage(reference, image) {
      registry.add(reference, image.manifest);
      for (const blob of image.blobs) content.set(`blobs/${blob.digest}`, blob);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return registry;
}
