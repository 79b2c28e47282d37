import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A package that is not on a public registry yet. */
export interface OwnPackage {
  readonly manifest: Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string };
  /** Need not be there for a package of another processor: npm reads only what it is for. */
  readonly tarball: string;
}

/** An npm registry on loopback that has Berth's own packages; anything else it asks of `upstream`. */
export async function openLocalRegistry(
  packages: readonly OwnPackage[],
  upstream: string,
): Promise<AsyncDisposable & { readonly url: string }> {
  const byName = new Map(packages.map((own) => [own.manifest.name, own]));
  const server = createServer((request, response) => {
    answer(request.url ?? '/', response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/`;

  async function answer(path: string, response: ServerResponse): Promise<void> {
    const [name = '', ...rest] = path.slice(1).split('/');
    const own = byName.get(name);
    if (own === undefined) {
      const found = await fetch(join(upstream, path).replace(':/', '://'));
      response.writeHead(found.status, { 'content-type': found.headers.get('content-type') ?? '' });
      if (found.body === null) response.end();
      else await pipeline(Readable.fromWeb(found.body), response);
    } else if (rest.length > 0) {
      response.end(await readFile(own.tarball));
    } else {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(await packument(own)));
    }
  }

  async function packument({ manifest, tarball }: OwnPackage): Promise<object> {
    const { name, version } = manifest;
    const bytes = existsSync(tarball) ? await readFile(tarball) : Buffer.from('');
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    const dist = { tarball: `${url}${name}/-/${name}-${version}.tgz`, integrity };
    return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
  }

  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
