/**
 * Makes the images of the examples, and of agents for tests, without Docker and without an image registry, as OCI layouts in
 * .cache/images/NAME.
 *
 *   node scripts/build-example-images.ts [NAME...]     all of them when none is named
 *
 * What has not changed since the last run is not made again.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Base, buildBaseLayers, tarFolder } from './images/base-layers.ts';
import { installNodeApp } from './images/install-node-app.ts';
import { installPythonApp } from './images/install-python-app.ts';
import { type ImageSettings, type Layer, makeLayer, writeOciLayout } from './images/oci-layout.ts';

interface Example extends ImageSettings {
  /** From the root of the repository. */
  readonly source: string;
  readonly base: Base;
  /** Puts the application into `folder`, the image's root, which goes on top of `base`. */
  readonly install: (source: string, folder: string, base: readonly Layer[]) => Promise<void>;
}

const root = resolve(import.meta.dirname, '..');
const cache = join(root, '.cache');

const nodeAgent = {
  base: 'node',
  command: ['node', '/app/agent.mjs'],
  workingDirectory: '/app',
  user: 'agent',
} as const;

const pythonAgent = {
  base: 'python',
  environment: { PYTHONPATH: '/app/packages', PYTHONUNBUFFERED: '1' },
  command: ['python3', '/app/agent.py'],
  workingDirectory: '/app',
  user: 'agent',
  install: installPythonApp,
} as const;

const examples: Readonly<Record<string, Example>> = {
  'hello-node': { ...nodeAgent, source: 'examples/hello-node', install: copyAgent },
  'agentcore-ts': { ...nodeAgent, source: 'examples/agentcore-ts', install: installNodeApp },
  'agentcore-python': { ...pythonAgent, source: 'examples/agentcore-python' },
  'mcp-python': { ...pythonAgent, source: 'test/agents/mcp-python' },
  'mcp-modern': { ...pythonAgent, source: 'test/agents/mcp-modern' },
  'identity-python': { ...pythonAgent, source: 'test/agents/identity-python' },
  'identity-ts': { ...nodeAgent, source: 'test/agents/identity-ts', install: installNodeApp },
  protocols: { ...nodeAgent, source: 'test/agents/protocols', install: installNodeApp },
  'bench-agent': { ...nodeAgent, source: 'bench/agent', install: copyAgent },
  unruly: { ...nodeAgent, source: 'test/agents/unruly', install: copyAgent },
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(examples);
for (const name of wanted) {
  const example = examples[name];
  if (!example) {
    console.error(`There is no example '${name}'. There are: ${Object.keys(examples).join(', ')}.`);
    process.exit(2);
  }
  await build(name, example);
}

async function build(name: string, example: Example): Promise<void> {
  const startedAt = performance.now();
  const source = join(root, example.source);
  const layout = join(cache, 'images', name);
  const fingerprint = await fingerprintOf([source, join(root, 'scripts/images')], JSON.stringify(example));
  if ((await readFile(`${layout}.built`, 'utf8').catch(() => '')) === fingerprint) {
    console.log(`${name}: up to date in ${layout}`);
    return;
  }
  const base = await baseLayers(example.base);
  const work = await mkdtemp(join(tmpdir(), 'berth-image-'));
  try {
    const folder = join(work, 'root');
    await mkdir(join(folder, 'app'), { recursive: true });
    await example.install(source, folder, base);
    await tarFolder(folder, join(work, 'app.tar'));
    await writeOciLayout(layout, [...base, await makeLayer(join(work, 'app.tar'))], example);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  await writeFile(`${layout}.built`, fingerprint);
  console.log(`${name}: built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s in ${layout}`);
}

async function copyAgent(source: string, folder: string): Promise<void> {
  await cp(join(source, 'agent.mjs'), join(folder, 'app/agent.mjs'));
}

/** Base layers are made once per Node version and definition, and kept. */
async function baseLayers(base: Base): Promise<Layer[]> {
  const fingerprint = await fingerprintOf([join(root, 'scripts/images')], `${base} ${process.version}`);
  const directory = join(cache, 'base', `${base}-${fingerprint.slice(0, 12)}`);
  const listing = join(directory, 'layers.json');
  const known = await readFile(listing, 'utf8').catch(() => undefined);
  if (known !== undefined) return JSON.parse(known) as Layer[];
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const layers = await buildBaseLayers(base, directory);
  await writeFile(listing, JSON.stringify(layers));
  return layers;
}

async function fingerprintOf(folders: readonly string[], salt: string): Promise<string> {
  const hash = createHash('sha256').update(salt);
  for (const folder of folders) {
    const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const file of files) hash.update(file).update(await readFile(file));
  }
  return hash.digest('hex');
}
