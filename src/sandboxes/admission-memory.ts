import { readFile } from 'node:fs/promises';

/** Bytes that new processes could use without swapping: MemAvailable of /proc/meminfo (proc(5)). */
export async function readAvailableMemory(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8');
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kibibytes === undefined)
    throw new Error('/proc/meminfo has no MemAvailable; Linux 3.14 or newer is needed.');
  return Number(kibibytes) * 1024;
}
