import type { Architecture, EngineManifest } from './engine-manifest.ts';
import { runTool } from './run-tool.ts';
import { openSysroot, type Sysroot } from './sysroot.ts';

/** What programs in C are built with: their bytes are those of engine.json only with the very same packages. */
export interface Builder {
  /** Debian packages and their versions; `none` for one that is not installed. */
  readonly packages: Readonly<Record<string, string>>;
  /** For another processor than this machine's. */
  readonly sysroot: Sysroot | undefined;
}

/** `folder` is the caller's, and must not be there yet. */
export async function openBuilder(
  manifest: EngineManifest,
  architecture: Architecture,
  folder: string,
): Promise<Builder> {
  const sysroot = architecture === process.arch ? undefined : await openSysroot(architecture, folder);
  const names = Object.keys(manifest.builders[architecture]);
  const packages: Record<string, string> = {};
  for (const name of names)
    packages[name] = isForeign(name) ? (sysroot?.version ?? 'none') : await installedVersion(name);
  return { packages, sysroot };
}

/** Lines that say how the builder differs from the one of engine.json; none when it does not. */
export function builderDifferences(
  { builders }: EngineManifest,
  architecture: Architecture,
  { packages }: Pick<Builder, 'packages'>,
): readonly string[] {
  return Object.entries(builders[architecture]).flatMap(([name, expected]) =>
    packages[name] === expected ? [] : [`${name} ${packages[name] ?? 'none'} instead of ${expected}`],
  );
}

/** Named with its architecture: of the sysroot. */
function isForeign(name: string): boolean {
  return name.includes(':');
}

async function installedVersion(name: string): Promise<string> {
  const version = await runTool('dpkg-query', ['-W', '-f', '${Version}', name]).catch(() => '');
  return version === '' ? 'none' : version;
}
