import { readFile, writeFile } from 'node:fs/promises';
import { BerthError } from '../../shared/errors.ts';
import { runCommand } from './run-command.ts';
import { hasShims } from './shims.ts';

/** Remembers, as long as sandboxes may run, the version of the containerd that ran last. */
export interface DaemonVersion {
  /**
   * Rejects with `unavailable` when the program's major version is older than the last one's and sandboxes run: containerd 1
   * cannot read what 2 wrote of its shims, and would end them.
   */
  requireNoStepBack(program: string): Promise<void>;
  remember(version: string): Promise<void>;
}

export function daemonVersion(file: string, socketPath: string): DaemonVersion {
  return {
    async requireNoStepBack(program) {
      const last = await readFile(file, 'utf8').catch(() => '');
      const lastMajor = majorOf(last);
      if (lastMajor === undefined || !(await hasShims(socketPath))) return;
      const version = (await runCommand(program, ['--version'])).split(' ')[2] ?? '';
      if ((majorOf(version) ?? lastMajor) >= lastMajor) return;
      throw new BerthError(
        'unavailable',
        `Sandboxes run that were started under containerd ${last.trim()}, and ${program} is containerd ${version}, which cannot take them over. Install the newer engine again, or end the sandboxes by a reboot.`,
      );
    },
    remember: (version) => writeFile(file, `${version}\n`),
  };
}

function majorOf(version: string): number | undefined {
  const major = /^v?(\d+)\./.exec(version.trim())?.[1];
  return major === undefined ? undefined : Number(major);
}
