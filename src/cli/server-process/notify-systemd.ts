import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Tells systemd that this process serves, and is the service's main one from now on (sd_notify(3)); does nothing without it. */
export async function notifySystemd(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  if (env['NOTIFY_SOCKET'] === undefined) return;
  await promisify(execFile)('systemd-notify', ['--ready', `MAINPID=${process.pid}`]);
}
