import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';

export interface Shim {
  readonly pid: number;
  /** The container that it was started for. */
  readonly id: string;
}

/** The shims of one namespace of the containerd at `socketPath`, read from the process table: containerd may have forgotten them. */
export async function listShims(namespace: string, socketPath: string): Promise<readonly Shim[]> {
  const shims = await shimsOf(socketPath);
  return shims.filter((shim) => shim.namespace === namespace).map(({ pid, id }) => ({ pid, id }));
}

/** Whether the containerd at `socketPath` has any, in whatever namespace. */
export async function hasShims(socketPath: string): Promise<boolean> {
  return (await shimsOf(socketPath)).length > 0;
}

async function shimsOf(socketPath: string): Promise<readonly (Shim & { readonly namespace: string })[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const [program = '', ...args] = text.split('\0');
      if (!basename(program).startsWith('containerd-shim-')) return [];
      const option = (name: string) => args[args.indexOf(name) + 1];
      const [namespace, id] = [option('-namespace'), option('-id')];
      const isOurs = option('-address') === socketPath;
      return isOurs && id !== undefined && namespace !== undefined
        ? [{ pid: Number(pid), id, namespace }]
        : [];
    }),
  );
  return found.flat();
}
