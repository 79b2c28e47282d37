import { readdir, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ExaminedHost, readText } from './examined-host.ts';

/** A TCP socket of this machine that waits for connections. */
export interface ListeningSocket {
  /** As the kernel writes it; `isWildcard` when it is every address. */
  readonly address: string;
  readonly isWildcard: boolean;
  readonly port: number;
  /** Its number in the kernel, which says whose it is. */
  readonly inode: string;
}

/** From /proc/net/tcp and tcp6 (proc_net_tcp in the kernel's documentation), which everybody may read. */
export async function listeningSockets(
  host: Pick<ExaminedHost, 'root'>,
): Promise<readonly ListeningSocket[]> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readText(host, `/proc/net/${name}`)));
  return tables.flatMap((table) => (table ?? '').split('\n').slice(1).flatMap(parseRow));
}

const listeningState = '0A';

function parseRow(row: string): readonly ListeningSocket[] {
  const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
  const [address = '', port = ''] = local.split(':');
  if (state !== listeningState) return [];
  return [{ address, isWildcard: /^0+$/.test(address), port: Number.parseInt(port, 16), inode }];
}

/** As the kernel writes an IPv4 address there: the bytes of a machine word, on all of Berth's machines from the last to the first. */
export function kernelAddress(ipv4: string): string {
  const bytes = ipv4.split('.').map(Number).toReversed();
  return Buffer.from(bytes).toString('hex').toUpperCase();
}

export interface SocketOwner {
  readonly pid: number;
  readonly command: string;
}

/** The process that holds a socket; undefined when it is gone, or not for this user to see. */
export async function ownerOf(
  host: Pick<ExaminedHost, 'root'>,
  { inode }: Pick<ListeningSocket, 'inode'>,
): Promise<SocketOwner | undefined> {
  const pids = (await readdir(join(host.root, '/proc'))).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const folder = join(host.root, '/proc', pid, 'fd');
    const descriptors = await readdir(folder).catch(() => []);
    const links = await Promise.all(
      descriptors.map((descriptor) => readlink(join(folder, descriptor)).catch(() => '')),
    );
    if (!links.includes(`socket:[${inode}]`)) continue;
    // Its name for itself may be another: Node's is MainThread.
    const file = await readlink(join(host.root, '/proc', pid, 'exe')).catch(() => undefined);
    const command = file ?? (await readText(host, `/proc/${pid}/comm`))?.trim() ?? 'a program';
    return { pid: Number(pid), command: basename(command) };
  }
  return undefined;
}
