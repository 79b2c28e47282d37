import type { EngineReport } from '../sandbox-driver.ts';
import type { ContainerdEngine } from './containerd-engine.ts';
import { runCommand } from './run-command.ts';

/** What is installed, and what is wrong with it. */
export async function inspectEngine(
  engine: Pick<ContainerdEngine, 'api' | 'daemonPid'>,
  isolations: readonly string[],
  more: readonly string[],
): Promise<EngineReport> {
  const [containerd, runc] = await Promise.all([engine.api.system.version(), runcVersion()]);
  const whose = engine.daemonPid === undefined ? 'shared' : 'private';
  return {
    description: `containerd ${containerd} (${whose}), runc ${runc ?? 'unknown'}`,
    isolations,
    warnings: [...runcWarnings(runc), ...more],
  };
}

export function runcWarnings(version: string | undefined): readonly string[] {
  if (version === undefined) return ['runc was not found in the search path. Run scripts/setup.sh.'];
  if (isFixed(version)) return [];
  return [
    `runc ${version} lacks the fixes of November 2025 for escapes through masked paths (CVE-2025-31133, CVE-2025-52565, CVE-2025-52881): run only images that you trust, or install runc 1.2.8, 1.3.3, 1.4.0 or newer.`,
  ];
}

async function runcVersion(): Promise<string | undefined> {
  try {
    return /^runc version (\d+\.\d+\.\d+)/m.exec(await runCommand('runc', ['--version']))?.[1];
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
