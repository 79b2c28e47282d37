import { readFile } from 'node:fs/promises';

/** Field 22 of /proc/PID/stat (proc(5)), after the name, which may hold spaces; undefined for a dead or zombie process. */
export async function startTicksOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}
