import { readFile, readlink } from 'node:fs/promises';
import type { EngineReport } from '../sandbox-driver.ts';
import type { ContainerdEngine } from './containerd-engine.ts';
import { findProgram } from './find-program.ts';
import { runCommand } from './run-command.ts';

/** What is installed, and what is wrong with it. */
export async function inspectEngine(
  engine: Pick<ContainerdEngine, 'api' | 'daemonPid' | 'lazyMissing' | 'programs'>,
  isolations: readonly string[],
  more: readonly string[],
): Promise<EngineReport> {
  const { api, daemonPid, programs } = engine;
  const daemon = daemonPid === undefined ? undefined : await runningDaemon(daemonPid);
  const runcPath = await findProgram('runc', daemon?.searchPath);
  const [containerd, runc, init, stargz] = await Promise.all([
    api.system.version(),
    runcVersion(runcPath),
    programs.find('init'),
    engine.lazyMissing === undefined ? programs.find('stargz') : undefined,
  ]);
  const parts = [
    `containerd ${containerd} (${daemon === undefined ? 'shared' : `private, ${daemon.program}`})`,
    `runc ${runc ?? 'unknown'}${runcPath === undefined ? '' : ` (${runcPath})`}`,
    ...(init === undefined ? [] : [`init ${init.path}`]),
    ...(stargz === undefined ? [] : [`lazy images ${stargz.path}`]),
  ];
  return { description: parts.join(', '), isolations, warnings: [...runcWarnings(runc), ...more] };
}

/** What the daemon was started with: it may be a former server's. */
export async function runningDaemon(
  pid: number,
): Promise<{ readonly program: string; readonly searchPath: string | undefined }> {
  const [program, environment] = await Promise.all([
    readlink(`/proc/${pid}/exe`).catch(() => 'unknown'),
    readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
  ]);
  const path = environment.split('\0').find((entry) => entry.startsWith('PATH='));
  return { program, searchPath: path?.slice('PATH='.length) };
}

export function runcWarnings(version: string | undefined): readonly string[] {
  if (version === undefined) return ['runc was not found in the search path. Run scripts/setup.sh.'];
  if (isFixed(version)) return [];
  return [
    `runc ${version} lacks the fixes of November 2025 for escapes through masked paths (CVE-2025-31133, CVE-2025-52565, CVE-2025-52881): run only images that you trust, or install runc 1.2.8, 1.3.3, 1.4.0 or newer.`,
  ];
}

/** As in `1.5.2`; undefined when it does not tell. */
export async function runcVersion(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return /^runc version (\d+\.\d+\.\d+)/m.exec(await runCommand(path, ['--version']))?.[1];
  } catch {
    return undefined;
  }
}

/** Each line of releases got the fixes in a release of its own. */
function isFixed(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major !== 1) return major > 1;
  if (minor === 2) return patch >= 8;
  if (minor === 3) return patch >= 3;
  return minor > 3;
}
