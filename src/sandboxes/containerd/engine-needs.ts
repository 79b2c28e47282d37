import { BerthError } from '../../shared/errors.ts';
import type { DaemonProgram } from './daemon-process.ts';
import type { EnginePrograms } from './engine-programs.ts';

/** What containerd needs to start. Rejects with `unavailable`, which says what is missing and what to do. */
export async function requireDaemonProgram(programs: EnginePrograms): Promise<DaemonProgram> {
  const names = ['containerd', 'containerd-shim-runc-v2', 'runc'] as const;
  const found = await Promise.all(names.map(programs.find));
  const missing = names.filter((_, at) => found[at] === undefined);
  const [containerd] = found;
  if (missing.length === 0 && containerd !== undefined)
    return { program: containerd.path, searchPath: await programs.searchPath() };
  throw new BerthError(
    'unavailable',
    `The sandbox engine is not installed: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Run scripts/setup.sh, install the package berth-engine-${process.platform}-${process.arch}, or name the socket of a containerd to use.`,
  );
}

/** Process 1 of every sandbox. Rejects with `unavailable`. */
export async function requireInit(programs: EnginePrograms): Promise<string> {
  const found = await programs.find('init');
  if (found !== undefined) return found.path;
  throw new BerthError(
    'unavailable',
    `The init program for sandboxes is not installed: install the package berth-engine-${process.platform}-${process.arch}, or tini-static by scripts/setup.sh.`,
  );
}

/** The home's path becomes part of mount options and of containerd's configuration. Throws `unavailable`. */
export function requireUsablePath(home: string): void {
  if (!/[,:\\"\n]/.test(home)) return;
  throw new BerthError('unavailable', `The path of the home directory (${home}) must hold none of , : \\ "`);
}
