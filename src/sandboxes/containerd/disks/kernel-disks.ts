import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';

import { CommandFailure, runCommand } from '../run-command.ts';

/** Mount points directly or deeper below a folder, the latest mount last. */
export async function mountPoints(dir: string): Promise<readonly string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const points = lines.map((line) => unescape(line.split(' ')[4] ?? ''));
  return points.filter((point) => point.startsWith(`${dir}/`));
}

export interface AttachedLoop {
  /** As in `/dev/loop3`. */
  readonly device: string;
  /** The file behind it, which may be deleted by now. */
  readonly file: string;
}

/** Loop devices over files below a folder. */
export async function attachedLoops(dir: string): Promise<readonly AttachedLoop[]> {
  const found: AttachedLoop[] = [];
  for (const name of await readdir('/sys/block')) {
    if (!name.startsWith('loop')) continue;
    const text = await readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch(() => '');
    const file = text.trimEnd().replace(/ \(deleted\)$/, '');
    if (file.startsWith(`${dir}/`)) found.push({ device: `/dev/${name}`, file });
  }
  return found;
}

/** Lets go of a device; while something still uses it, that happens with the last use. */
export async function detachLoop(device: string): Promise<void> {
  try {
    await runCommand('losetup', ['-d', device]);
  } catch (error) {
    // Detached by its last unmount in the meantime.
    if (!(error instanceof CommandFailure)) throw error;
  }
}

/** Makes the device nodes that are missing for the kernel's loop devices and one more. False when there was none to make. */
export async function ensureLoopNodes(): Promise<boolean> {
  if (!existsSync('/dev/loop-control')) {
    await runCommand('mknod', ['-m', '0600', '/dev/loop-control', 'c', '10', '237']).catch(() => undefined);
  }
  // Asking for a free device makes the kernel add one when all are taken.
  await runCommand('losetup', ['-f']).catch(() => undefined);
  let made = false;
  for (const device of await readdir('/sys/block')) {
    if (!/^loop\d+$/.test(device) || existsSync(`/dev/${device}`)) continue;
    const [major = '7', minor = '0'] = (await readFile(`/sys/block/${device}/dev`, 'utf8')).trim().split(':');
    await runCommand('mknod', ['-m', '0600', `/dev/${device}`, 'b', major, minor]).catch(() => undefined);
    made = true;
  }
  return made;
}

/** mountinfo writes blanks and backslashes of a path as octal numbers. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
