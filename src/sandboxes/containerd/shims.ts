import { readdir, readFile } from 'node:fs/promises';

export interface Shim {
  readonly pid: number;
  /** The container that it was started for. */
  readonly id: string;
}

/** The shims of one namespace of the containerd at `socketPath`, read from the process table: containerd may have forgotten them. */
export async function listShims(namespace: string, socketPath: string): Promise<readonly Shim[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const [program = '', ...args] = text.split('\0');
      if (!program.endsWith('/containerd-shim-runc-v2') && program !== 'containerd-shim-runc-v2') return [];
      const option = (name: string) => args[args.indexOf(name) + 1];
      const isOurs = option('-namespace') === namespace && option('-address') === socketPath;
      const id = option('-id');
      return isOurs && id !== undefined ? [{ pid: Number(pid), id }] : [];
    }),
  );
  return found.flat();
}
