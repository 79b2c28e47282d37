import { readFile } from 'node:fs/promises';

/** Threads that the machine could still have: its limits (proc(5): pid_max, threads-max) less those there are (loadavg). */
export async function readAvailableTasks(): Promise<number> {
  const [load, ...limits] = await Promise.all(
    ['/proc/loadavg', '/proc/sys/kernel/pid_max', '/proc/sys/kernel/threads-max'].map((path) =>
      readFile(path, 'utf8'),
    ),
  );
  const threads = /^\S+ \S+ \S+ \d+\/(\d+) /.exec(load ?? '')?.[1];
  if (threads === undefined) throw new Error('/proc/loadavg does not say how many threads there are.');
  return Math.min(...limits.map(Number)) - Number(threads);
}
