import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startTicksOf } from '../../../shared/process-identity.ts';

/** Leaves in an exec's folder which process reads its output. */
export async function noteOwner(folder: string): Promise<void> {
  await writeFile(join(folder, 'owner'), `${process.pid} ${await startTicksOf(process.pid)}`);
}

/** Whether another process than this one still reads its output. */
export async function isOwnerAlive(folder: string): Promise<boolean> {
  const [pid, ticks] = (await readFile(join(folder, 'owner'), 'utf8').catch(() => '')).split(' ');
  if (pid === undefined || ticks === undefined || Number(pid) === process.pid) return false;
  return (await startTicksOf(Number(pid))) === ticks;
}
