import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkPool } from './network/network-pool.ts';
import type { BoundFiles } from './oci/oci-mounts.ts';

/** The files of the host that a sandbox sees as its own. */
export interface SandboxFiles {
  write(id: string, address: string): Promise<BoundFiles>;
  /** Idempotent. */
  remove(id: string): Promise<void>;
  list(): Promise<readonly string[]>;
}

export interface SandboxFilesParts {
  readonly dir: string;
  readonly network: Pick<NetworkPool, 'hostAliases' | 'nameservers'>;
  /** The init program. */
  readonly init: string;
}

export function sandboxFiles({ dir, network, init }: SandboxFilesParts): SandboxFiles {
  return {
    async write(id, address) {
      const folder = join(dir, id);
      const files = {
        init,
        hosts: join(folder, 'hosts'),
        hostname: join(folder, 'hostname'),
        resolvConf: join(folder, 'resolv.conf'),
      };
      await mkdir(folder, { recursive: true, mode: 0o711 });
      await Promise.all([
        writeFile(files.hosts, hostsFile(id, address, network.hostAliases)),
        writeFile(files.hostname, `${id}\n`),
        writeFile(files.resolvConf, network.nameservers.map((server) => `nameserver ${server}\n`).join('')),
      ]);
      return files;
    },
    async remove(id) {
      await rm(join(dir, id), { recursive: true, force: true });
    },
    async list() {
      return readdir(dir).catch(() => []);
    },
  };
}

/** Without ::1: IPv6 is off inside. */
function hostsFile(id: string, address: string, aliases: Readonly<Record<string, string>>): string {
  const lines = Object.entries(aliases).map(([name, target]) => `${target}\t${name}\n`);
  return `127.0.0.1\tlocalhost\n${address}\t${id}\n${lines.join('')}`;
}
