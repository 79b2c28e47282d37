import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Machine } from './parse-config.ts';

/** This machine, with the disk that will hold `home` (which need not exist yet) and what belongs to the user of `userHome`. */
export async function inspectMachine(home: string, userHome: string): Promise<Machine> {
  return {
    memoryBytes: totalmem(),
    cpus: availableParallelism(),
    diskBytes: await diskSize(home),
    dockerConfigFile: join(userHome, '.docker', 'config.json'),
  };
}

async function diskSize(folder: string): Promise<number> {
  try {
    const { blocks, bsize } = await statfs(folder);
    return blocks * bsize;
  } catch (error) {
    const parent = dirname(folder);
    if (parent === folder) throw error;
    return diskSize(parent);
  }
}
