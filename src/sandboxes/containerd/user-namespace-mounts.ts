import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mountPoints } from './disks/kernel-disks.ts';
import { runCommand } from './run-command.ts';

/** Where shims mount the layers of an image for a moment, as those of another user: their TMPDIR. */
export function idMapFolder(runDir: string): string {
  return join(runDir, 'tmp');
}

/** For when no sandbox is left. */
export async function removeUserNamespaceMounts(runDir: string): Promise<void> {
  await unmountBelow(idMapFolder(runDir));
  if ((await mountPoints(runDir)).includes(sysfsPath(runDir)))
    await runCommand('umount', [sysfsPath(runDir)]);
}

/** One of a network namespace that ends with the command, so that no interface is in it. Idempotent; returns where it is. */
export async function makeSysfs(runDir: string): Promise<string> {
  const path = sysfsPath(runDir);
  if ((await mountPoints(runDir)).includes(path)) return path;
  await mkdir(path, { recursive: true, mode: 0o711 });
  const options = ['-t', 'sysfs', '-o', 'ro,nosuid,nodev,noexec', 'berth-sysfs', path];
  await runCommand('unshare', ['--net', 'mount', ...options]);
  return path;
}

function sysfsPath(runDir: string): string {
  return join(runDir, 'sysfs');
}

/** Unmounts all that is mounted below a folder; returns how many. */
export async function unmountBelow(folder: string): Promise<number> {
  const points = await mountPoints(folder);
  for (const point of points.toReversed()) {
    await runCommand('umount', ['-l', point]);
    await rmdir(point).catch(() => undefined);
  }
  return points.length;
}
