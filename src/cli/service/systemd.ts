import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { CliError } from '../cli-error.ts';

/** Where systemd keeps what, and where Berth's settings for it are. */
export interface SystemdPaths {
  /** Is there only when systemd runs this machine: sd_booted(3). */
  readonly runFolder: string;
  readonly unitFolder: string;
  readonly environmentFile: string;
}

export const usualSystemdPaths: SystemdPaths = {
  runFolder: '/run/systemd/system',
  unitFolder: '/etc/systemd/system',
  environmentFile: '/etc/berth/berth.env',
};

/** Throws where something else runs this machine. */
export async function requireSystemd({ runFolder }: Pick<SystemdPaths, 'runFolder'>): Promise<void> {
  const isThere = await stat(runFolder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isThere) return;
  throw new CliError('systemd does not run this machine, so there are no services.', {
    advice: "'sudo berth up -d' runs a server in the background; --dry-run prints the unit.",
  });
}

/** Runs systemctl and returns what it says. */
export async function systemctl(...args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)('systemctl', args)).stdout;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new CliError(`'systemctl ${args.join(' ')}' failed: ${said}`, {
      advice: 'See also: journalctl -u berth',
      cause: error,
    });
  }
}
