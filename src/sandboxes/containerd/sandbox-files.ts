import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../shared/errors.ts';
import type { NetworkPool } from './network/network-pool.ts';
import type { BoundFiles } from './oci/oci-mounts.ts';

/** The files of the host that a sandbox sees as its own. */
export interface SandboxFiles {
  /** Makes the sandbox's folder. Rejects with `conflict` when there is one: then the id is somebody else's. */
  reserve(id: string): Promise<BoundFiles>;
  write(id: string, address: string, nameservers: readonly string[]): Promise<void>;
  /** A program of the sandbox's own, run by the engine and not seen inside; returns its path. Its folder is made when missing. */
  writeProgram(id: string, text: string): Promise<string>;
  /** Idempotent. */
  remove(id: string): Promise<void>;
  list(): Promise<readonly string[]>;
}

export interface SandboxFilesParts {
  readonly dir: string;
  readonly network: Pick<NetworkPool, 'hostAliases'>;
  /** The init program. */
  readonly init: string;
  /** Read-only to every sandbox. */
  readonly caBundle: string | undefined;
}

export function sandboxFiles({ dir, network, init, caBundle }: SandboxFilesParts): SandboxFiles {
  const pathsOf = (id: string): BoundFiles => ({
    init,
    hosts: join(dir, id, 'hosts'),
    hostname: join(dir, id, 'hostname'),
    resolvConf: join(dir, id, 'resolv.conf'),
    caBundle,
  });
  return {
    async reserve(id) {
      await mkdir(dir, { recursive: true, mode: 0o711 });
      try {
        await mkdir(join(dir, id), { mode: 0o711 });
      } catch (error) {
        throw new BerthError('conflict', `There is a sandbox ${id} already.`, { cause: error });
      }
      return pathsOf(id);
    },
    async write(id, address, nameservers) {
      const files = pathsOf(id);
      await Promise.all([
        writeFile(files.hosts, hostsFile(id, address, network.hostAliases)),
        writeFile(files.hostname, `${id}\n`),
        writeFile(files.resolvConf, nameservers.map((server) => `nameserver ${server}\n`).join('')),
      ]);
    },
    async writeProgram(id, text) {
      await mkdir(join(dir, id), { recursive: true, mode: 0o711 });
      const path = join(dir, id, 'runtime');
      await writeFile(path, text, { mode: 0o700 });
      return path;
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
