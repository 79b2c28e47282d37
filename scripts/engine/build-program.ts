import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Builder } from './builder.ts';
import {
  type Architecture,
  type CProgram,
  type EngineManifest,
  type GoProgram,
  moduleOf,
} from './engine-manifest.ts';
import { fetchModule } from './fetch-module.ts';
import type { GoTool } from './go-tool.ts';
import { runTool } from './run-tool.ts';

export interface ProgramBuild {
  /** Of the repository. */
  readonly root: string;
  readonly manifest: EngineManifest;
  readonly go: GoTool;
  readonly architecture: Architecture;
  /** Asked for by programs that are linked with C. */
  readonly builder: () => Promise<Builder>;
  /** The file to make. */
  readonly output: string;
}

/** Builds one program of engine.json. Its bytes do not depend on where it is built. */
export async function buildProgram(build: ProgramBuild, name: string): Promise<void> {
  const program = build.manifest.programs[name];
  if (program === undefined) throw new Error(`engine.json has no program '${name}'.`);
  await mkdir(join(build.output, '..'), { recursive: true });
  if (program.kind === 'c') await buildC(build, program);
  else await buildGo(build, program);
}

async function buildC(build: ProgramBuild, program: CProgram): Promise<void> {
  const { root, manifest, architecture, output } = build;
  await runTool(manifest.compilers[architecture], [...program.flags, '-o', output, program.source], {
    cwd: root,
  });
}

async function buildGo(build: ProgramBuild, program: GoProgram): Promise<void> {
  const { root, manifest, go, architecture, output } = build;
  const module = moduleOf(manifest, program.module);
  const source = 'source' in module ? join(root, module.source) : await fetchModule(go, module);
  const folder = await mkdtemp(join(tmpdir(), 'berth-engine-'));
  try {
    // A copy, because the module's own go.mod and go.sum are to decide, and Go does not build inside its module cache.
    const copy = join(folder, 'source');
    await cp(source, copy, { recursive: true });
    await runTool('chmod', ['-R', 'u+w', copy]);
    const args = [
      'build',
      '-mod=readonly',
      '-trimpath',
      '-buildvcs=false',
      ...(program.tags.length === 0 ? [] : ['-tags', program.tags.join(',')]),
      '-ldflags',
      `-s -w -buildid= ${program.ldflags}`.trim(),
      '-o',
      output,
      program.package,
    ];
    const env = { GOARCH: architecture === 'x64' ? 'amd64' : 'arm64' };
    await go.run(args, {
      cwd: copy,
      env: { ...env, ...(program.kind === 'cgo' ? await cEnvironment(build) : { CGO_ENABLED: '0' }) },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function cEnvironment({
  manifest,
  architecture,
  builder,
}: ProgramBuild): Promise<Readonly<Record<string, string>>> {
  const env = { CGO_ENABLED: '1', CC: manifest.compilers[architecture], CGO_CFLAGS: '-O2', CGO_LDFLAGS: '' };
  const { sysroot } = await builder();
  if (sysroot === undefined) return env;
  return {
    ...env,
    CGO_CFLAGS: `-O2 -I${sysroot.include}`,
    CGO_LDFLAGS: `-L${sysroot.lib}`,
    PKG_CONFIG_LIBDIR: sysroot.pkgConfig,
    PKG_CONFIG_SYSROOT_DIR: sysroot.root,
  };
}
