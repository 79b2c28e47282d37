import { readFile } from 'node:fs/promises';

/** Resident memory of a process, in KiB. */
export async function memoryKib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

/** Processor time of a process and its children, in microseconds; the kernel counts in steps of 10 ms. */
export async function processorUs(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const all = [pid, ...children.split(' ').filter(Boolean).map(Number)];
  const spent = await Promise.all(
    all.map(async (one) => {
      const [user = 0, system = 0] = (await readFile(`/proc/${one}/stat`, 'utf8'))
        .replace(/^.*\) /s, '')
        .split(' ')
        .slice(11, 13)
        .map(Number);
      return user + system;
    }),
  );
  return spent.reduce((sum, ticks) => sum + ticks, 0) * 10_000;
}
