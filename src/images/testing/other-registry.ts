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
    const found = content.get(path.replace('/v2/app/', ''));
    if (found === undefined) {
      response.writeHead(404).end('{}');
      return;
    }
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = `bytes ${start}-${found.bytes.byteLength - 1}/${found.bytes.byteLength}`;
    response.writeHead(start > 0 ? 206 : 200, {
      'content-type': found.mediaType,
      ...(start > 0 && { 'content-range': range }),
    });
    response.end(found.bytes.subarray(start));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const registry: OtherRegistry = {
    host: `127.0.0.1:${port}`,
    requests,
    twist: () => false,
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
