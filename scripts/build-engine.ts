/**
 * Builds the programs of the sandbox engine from pinned sources, checks their hashes, and packs them as npm packages into
 * .cache/engine. engine/engine.json has all versions and hashes.
 *
 *   npm run build:engine                    for this machine
 *   npm run build:engine -- --arch arm64    for another; may be repeated
 *   npm run build:engine -- --only runsc    only this program, and the packages that are whole with it; may be repeated
 *   npm run build:engine -- --check         from scratch and in another folder; says whether the bytes are those of engine.json
 *   npm run build:engine -- --update        writes the hashes of what was built into engine.json
 *
 * What has not changed since the last run is not built again.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildProgram } from './engine/build-program.ts';
import { type Builder, openBuilder } from './engine/builder.ts';
import { checkProgram } from './engine/check-program.ts';
import {
  type Architecture,
  architectures,
  type EngineManifest,
  readManifest,
  writeManifest,
} from './engine/engine-manifest.ts';
import { linkIntoClone, openEngineStore } from './engine/engine-store.ts';
import { fileHash } from './engine/file-hash.ts';
import { type GoTool, openGoTool } from './engine/go-tool.ts';
import { packPackage } from './engine/pack-package.ts';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    arch: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    check: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
  },
});

try {
  await main();
} catch (error) {
  console.error(`build-engine: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const manifest = await readManifest(root);
  const programs = chosen(
    '--only',
    values.only,
    Object.keys(manifest.programs),
    Object.keys(manifest.programs),
  );
  const wanted = chosen('--arch', values.arch, [process.arch], architectures);
  await using stack = new AsyncDisposableStack();
  const scratch = await mkdtemp(join(tmpdir(), 'berth-engine-'));
  stack.defer(() => rm(scratch, { recursive: true, force: true }));
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const store = values.check ? scratch : await openEngineStore(root, manifest, version);
  const go = await openGoTool(manifest.go, values.check ? join(scratch, 'go-build') : undefined);
  stack.defer(async () => {
    // Go makes some of its own files read-only.
    if (values.check) await go.run(['clean', '-cache']);
  });
  for (const architecture of architectures.filter((name) => wanted.includes(name)))
    await buildFor({ architecture, manifest, programs, store, scratch, go, version });
  if (values.update) {
    await writeManifest(root, manifest);
    console.log('engine/engine.json has the hashes of what was built.');
  }
}

interface Work {
  readonly architecture: Architecture;
  readonly manifest: EngineManifest;
  readonly programs: readonly string[];
  readonly store: string;
  readonly scratch: string;
  readonly go: GoTool;
  readonly version: string;
}

async function buildFor(work: Work): Promise<void> {
  const { architecture, manifest, programs, store, scratch, go, version } = work;
  let opened: Promise<Builder> | undefined;
  const builder = () =>
    (opened ??= openBuilder(manifest, architecture, join(scratch, `sysroot-${architecture}`)));
  const programFile = (name: string) => join(store, architecture, name);
  let isNew = false;
  for (const name of programs) {
    const output = programFile(name);
    const label = `${name} (${architecture})`;
    if (existsSync(output)) console.log(`  ${label} was built before`);
    else {
      await step(label, async () => {
        const unfinished = `${output}.${process.pid}`;
        await buildProgram({ root, manifest, go, architecture, builder, output: unfinished }, name);
        await rename(unfinished, output);
      });
      isNew = true;
    }
    const sha256 = await fileHash(output);
    if (values.update) await remember(work, name, sha256, builder);
    else await check(work, name, sha256, builder);
  }
  if (values.check) return;
  const made: string[] = [];
  for (const [name, contents] of Object.entries(manifest.packages)) {
    const fullName = `${name}-linux-${architecture}`;
    if (!contents.every((program) => existsSync(programFile(program)))) continue;
    if (isNew || !existsSync(join(store, `${fullName}-${version}.tgz`))) {
      await step(`package ${fullName}`, () =>
        packPackage({ root, manifest, go, architecture, builder, programFile, target: store }, name, version),
      );
    }
    made.push(fullName, `${fullName}-${version}.tgz`);
  }
  await linkIntoClone(root, store, made);
}

async function remember(
  { manifest, architecture }: Work,
  name: string,
  sha256: string,
  builder: () => Promise<Builder>,
): Promise<void> {
  manifest.outputs[architecture][name] = sha256;
  if (manifest.programs[name]?.kind === 'go') return;
  Object.assign(manifest.builders[architecture], (await builder()).packages);
}

async function check(
  { manifest, architecture }: Work,
  name: string,
  sha256: string,
  builder: () => Promise<Builder>,
): Promise<void> {
  const { problem, isComparable } = await checkProgram({ manifest, architecture, name, sha256, builder });
  if (problem === undefined) return;
  if (isComparable || values.check) throw new Error(problem);
  console.warn(`  warning: ${problem}`);
}

async function step(label: string, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  const isTerminal = process.stdout.isTTY;
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s`;
  if (!isTerminal) console.log(`  ${label} ...`);
  const show = () => process.stdout.write(`\r  ${label.padEnd(44)} ${seconds()}`);
  const timer = isTerminal ? setInterval(show, 1_000) : undefined;
  try {
    await work();
  } finally {
    clearInterval(timer);
    if (isTerminal) process.stdout.write('\r');
  }
  console.log(`  ${label.padEnd(44)} ${seconds()}`);
}

function chosen<Name extends string>(
  flag: string,
  given: readonly string[] | undefined,
  otherwise: readonly string[],
  known: readonly Name[],
): readonly Name[] {
  const names = given ?? otherwise;
  const unknown = names.find((name) => !known.some((one) => one === name));
  if (unknown !== undefined) throw new Error(`${flag} is '${unknown}': expected one of ${known.join(', ')}.`);
  return known.filter((name) => names.includes(name));
}
