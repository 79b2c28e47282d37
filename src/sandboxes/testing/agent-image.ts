import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { BlobStore } from '../../images/blob-store.ts';
import type { Digest } from '../../images/digest.ts';
import { putImage, putLayer, type StoredLayer } from './image-builder.ts';
import type { TarEntry } from './tar.ts';

/** Images whose agent runs JavaScript that a test sends to it: this machine's Node and `sleep`, their libraries and one small program. */
export interface AgentImages {
  /** `settings` are members of the image configuration's `config`, over those of the plain image. */
  make(settings?: Readonly<Record<string, unknown>>): Promise<Digest>;
  readonly layers: readonly StoredLayer[];
}

export async function putAgentLayers(blobs: BlobStore): Promise<AgentImages> {
  const layers = [await putLayer(blobs, nodeEntries()), await putLayer(blobs, agentEntries())];
  return {
    layers,
    make: (settings = {}) => putImage(blobs, layers, { ...plainSettings, ...settings }),
  };
}

const plainSettings = {
  Entrypoint: ['node'],
  Cmd: ['/app/agent.mjs'],
  Env: ['PATH=/usr/local/bin', 'FROM_IMAGE=image', 'OVERRIDDEN=image'],
  WorkingDir: '/app/made-by-the-engine',
  User: 'agent',
};

function nodeEntries(): readonly TarEntry[] {
  const program = realpathSync(process.execPath);
  const listing = execFileSync('ldd', [program], { encoding: 'utf8' });
  const libraries = [...listing.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) =>
    path === undefined ? [] : [path],
  );
  const files = [
    { path: 'usr/local/bin/node', content: readFileSync(program), mode: 0o755 },
    { path: 'usr/local/bin/sleep', content: readFileSync('/bin/sleep'), mode: 0o755 },
    ...libraries.map((path) => ({
      path: path.slice(1),
      content: readFileSync(realpathSync(path)),
      mode: 0o755,
    })),
  ];
  const folders = new Set(files.flatMap(({ path }) => parentsOf(path)));
  return [...[...folders].sort().map((path) => ({ path: `${path}/` })), ...files];
}

function agentEntries(): readonly TarEntry[] {
  return [
    { path: 'etc/' },
    { path: 'etc/passwd', content: 'root:x:0:0::/root:/bin/sh\nagent:x:1234:2345::/home/agent:/bin/sh\n' },
    { path: 'etc/group', content: 'root:x:0:\nagents:x:2345:\nextra:x:3456:other,agent\n' },
    { path: 'home/' },
    { path: 'home/agent/', uid: 1234, gid: 2345 },
    { path: 'app/' },
    { path: 'app/agent.mjs', content: agentSource },
    { path: 'app/not-executable', content: 'text' },
    // Leads out of the image when it is followed on the host.
    { path: 'app/passwd-of-the-host', linkTarget: '../../../../../../../../etc/passwd' },
  ];
}

/** Answers every request with what its body, an async function's, returns. */
const agentSource = `
import { createServer } from 'node:http';
const AsyncFunction = (async () => {}).constructor;
console.log('agent has started');
console.error('and says so on stderr');
createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  try {
    const result = await new AsyncFunction('load', body)((name) => import(name));
    response.end(JSON.stringify({ result: result ?? null }));
  } catch (error) {
    response.statusCode = 500;
    response.end(JSON.stringify({ error: error.code ?? error.message }));
  }
}).listen(8080, '0.0.0.0');
`;

function parentsOf(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [...parentsOf(parent), parent];
}
