import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { engineSearchPath, findProgram } from './find-program.ts';

/** What the engine is made of. `init` is process 1 of every sandbox. */
export type EngineProgramName =
  | 'containerd'
  | 'containerd-shim-runc-v2'
  | 'runc'
  | 'init'
  | 'runsc'
  | 'stargz';

export interface EngineProgram {
  readonly name: EngineProgramName;
  /** Absolute, and no link except a system's. */
  readonly path: string;
  /** `folder`: a setting named it; `package`: npm's; `build`: made in this clone; `system`: of the search path. */
  readonly source: 'folder' | 'package' | 'build' | 'system';
}

/** `auto`, `system`, or the absolute path of a folder whose programs come first: the setting `BERTH_ENGINE`. */
export type EngineChoice = string;

/** Finds the engine's programs. What is found is looked up anew each time: packages come and go under a running server. */
export interface EnginePrograms {
  find(name: EngineProgramName): Promise<EngineProgram | undefined>;
  /** For containerd and its shims: they find each other and runc by it. */
  searchPath(): Promise<string>;
}

export interface EngineProgramsOptions {
  readonly choice: EngineChoice;
  /** The folder that Berth is installed or cloned into; this very one when not set. */
  readonly installation?: string;
  readonly platform?: string;
}

export function enginePrograms(options: EngineProgramsOptions): EnginePrograms {
  const places = placesOf(options);
  async function find(name: EngineProgramName): Promise<EngineProgram | undefined> {
    for (const { source, pathOf } of places) {
      const path = await pathOf(name);
      if (path !== undefined) return { name, path, source };
    }
    return undefined;
  }
  return {
    find,
    async searchPath() {
      const found = await Promise.all((['containerd-shim-runc-v2', 'runc'] as const).map(find));
      const own = found.flatMap((program) =>
        program === undefined || program.source === 'system' ? [] : [dirname(program.path)],
      );
      return engineSearchPath([...new Set(own), process.env['PATH'] ?? ''].join(':'));
    },
  };
}

interface Place {
  readonly source: EngineProgram['source'];
  pathOf(name: EngineProgramName): Promise<string | undefined>;
}

function placesOf({
  choice,
  installation = ownFolder,
  platform = `${process.platform}-${process.arch}`,
}: EngineProgramsOptions): readonly Place[] {
  const system: Place = { source: 'system', pathOf: (name) => findProgram(systemNames[name] ?? name) };
  if (choice === 'system') return [system];
  const require = createRequire(join(installation, 'package.json'));
  const installed: Place = {
    source: 'package',
    async pathOf(name) {
      const folder = packageFolder(require, packageOf(name, platform));
      return folder === undefined ? undefined : executable(join(folder, 'bin', fileNameOf(name)));
    },
  };
  const built: Place = {
    source: 'build',
    pathOf: (name) =>
      executable(join(installation, buildFolder, packageOf(name, platform), 'bin', fileNameOf(name))),
  };
  if (!isAbsolute(choice)) return [installed, built, system];
  const folder: Place = { source: 'folder', pathOf: (name) => executable(join(choice, fileNameOf(name))) };
  return [folder, installed, built, system];
}

/** Where `npm run build:engine` puts the packages, seen from the clone. */
export const buildFolder = '.cache/engine';

/** Three levels up, in the clone as in the package. */
const ownFolder = resolve(import.meta.dirname, '../../..');

/** Debian's names, where they are others. */
const systemNames: { readonly [Name in EngineProgramName]?: string } = {
  init: 'tini-static',
  stargz: 'berth-stargz',
};

function fileNameOf(name: EngineProgramName): string {
  return name === 'init' || name === 'stargz' ? `berth-${name}` : name;
}

function packageOf(name: EngineProgramName, platform: string): string {
  return `berth-${name === 'runsc' ? 'gvisor' : 'engine'}-${platform}`;
}

function packageFolder(require: NodeJS.Require, name: string): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** Behind links, which may lead elsewhere tomorrow while containerd still runs. */
async function executable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return await realpath(path);
  } catch {
    return undefined;
  }
}
