import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const architecture = z.enum(['x64', 'arm64']);
const goProgram = z.strictObject({
  /** `cgo` is linked with C libraries of the builder: its bytes depend on them. */
  kind: z.enum(['go', 'cgo']),
  module: z.string(),
  /** Within the module. */
  package: z.string(),
  tags: z.array(z.string()),
  ldflags: z.string(),
});
const cProgram = z.strictObject({
  kind: z.literal('c'),
  /** From the root of the repository. */
  source: z.string(),
  flags: z.array(z.string()),
});
const text = z.record(z.string(), z.string());
const publishedModule = z.strictObject({
  path: z.string(),
  version: z.string(),
  sum: z.string(),
  licence: z.string(),
});
const ownModule = z.strictObject({
  /** Folder of this repository. Its own go.sum pins what it needs. */
  source: z.string(),
  licence: z.string(),
});
const schema = z.strictObject({
  /** Version of the Go toolchain. */
  go: z.string(),
  modules: z.record(z.string(), z.union([publishedModule, ownModule])),
  programs: z.record(z.string(), z.discriminatedUnion('kind', [goProgram, cProgram])),
  /** npm packages without their platform, and what is in them. */
  packages: z.record(z.string(), z.array(z.string())),
  compilers: z.record(architecture, z.string()),
  /** Versions of the Debian packages that programs in C were built with when `outputs` were written. */
  builders: z.record(architecture, text),
  /** SHA-256 of every program. */
  outputs: z.record(architecture, text),
});

export type Architecture = z.infer<typeof architecture>;
export type GoProgram = z.infer<typeof goProgram>;
export type CProgram = z.infer<typeof cProgram>;
export type EngineManifest = z.infer<typeof schema>;
export type PublishedModule = z.infer<typeof publishedModule>;
export type EngineModule = PublishedModule | z.infer<typeof ownModule>;

export const architectures = architecture.options;

/** engine/engine.json: all versions and hashes of the engine. Throws when it has another shape. */
export async function readManifest(root: string): Promise<EngineManifest> {
  return schema.parse(JSON.parse(await readFile(manifestFile(root), 'utf8')));
}

export async function writeManifest(root: string, manifest: EngineManifest): Promise<void> {
  await writeFile(manifestFile(root), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** Folders of this repository that programs are built from. */
export function ownSources({ modules, programs }: EngineManifest): readonly string[] {
  const ofModules = Object.values(modules).flatMap((module) => ('source' in module ? [module.source] : []));
  const inC = Object.values(programs).flatMap((program) =>
    program.kind === 'c' ? [dirname(program.source)] : [],
  );
  return [...ofModules, ...inC];
}

export function moduleOf(manifest: EngineManifest, name: string): EngineModule {
  const found = manifest.modules[name];
  if (found === undefined) throw new Error(`engine.json has no module '${name}'.`);
  return found;
}

function manifestFile(root: string): string {
  return join(root, 'engine/engine.json');
}
