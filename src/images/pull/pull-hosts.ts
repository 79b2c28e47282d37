import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseHostsFile } from './hosts-file.ts';
import { type PullHost, readCertificate, upstream } from './pull-host.ts';

/**
 * Where to read from in place of `registry`, in order, itself last. Each of `folders` may hold a folder for it, in the layout of
 * containerd (`hosts.toml`) or Docker (`*.crt`, `*.cert`, `*.key`); the first that does is used, so that changes need no
 * restart. Rejects with `validation` when a file in it is wrong, or asks for a connection without proof of who answers.
 */
export async function findPullHosts(
  folders: readonly string[],
  registry: string,
): Promise<readonly PullHost[]> {
  const names = [registry.replace(/:(\d+)$/, '_$1_'), registry, '_default'];
  for (const folder of folders.flatMap((parent) => names.map((name) => join(parent, name)))) {
    const files = await readdir(folder).catch(() => undefined);
    if (files === undefined) continue;
    if (files.includes('hosts.toml')) return parseHostsFile(join(folder, 'hosts.toml'), registry);
    return [await withCertificates(folder, files, registry)];
  }
  return [upstream(registry, undefined)];
}

async function withCertificates(
  folder: string,
  files: readonly string[],
  registry: string,
): Promise<PullHost> {
  const ca = await Promise.all(
    files.filter((name) => name.endsWith('.crt')).map((name) => readCertificate(join(folder, name))),
  );
  const certificate = files.find((name) => name.endsWith('.cert'));
  if (certificate === undefined)
    return upstream(registry, ca.length === 0 ? undefined : { ca, client: undefined });
  const [cert, key] = await Promise.all(
    [certificate, certificate.replace(/cert$/, 'key')].map((name) => readCertificate(join(folder, name))),
  );
  return upstream(registry, { ca, client: { cert: cert ?? '', key: key ?? '' } });
}
