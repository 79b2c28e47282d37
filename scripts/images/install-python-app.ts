import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Layer } from './oci-layout.ts';

const run = promisify(execFile);
const certificates = '/etc/ssl/certs/ca-certificates.crt';

/**
 * What `COPY` and `RUN pip install` of the example's Dockerfile do: the application into /app of the image root `folder`, its
 * packages into /app/packages. pip runs on the base itself, so that the packages fit the image's Python, not this machine's.
 */
export async function installPythonApp(
  source: string,
  folder: string,
  base: readonly Layer[],
): Promise<void> {
  const app = join(folder, 'app');
  for (const file of await readdir(source))
    if (file.endsWith('.py')) await cp(join(source, file), join(app, file));

  const system = await mkdtemp(join(tmpdir(), 'berth-python-'));
  try {
    for (const layer of base) await run('tar', ['-xzf', layer.file, '-C', system, '--no-same-owner']);
    await copyNetworkSettings(system);
    await cp(join(source, 'requirements.txt'), join(system, 'requirements.txt'));
    const python = inside(system, 'python3');
    const [wheel] = (await readdir(join(system, 'usr/share/python-wheels'))).filter((name) =>
      name.startsWith('pip-'),
    );
    await python([
      `/usr/share/python-wheels/${wheel}/pip`,
      'install',
      '--quiet',
      '--no-cache-dir',
      '--only-binary=:all:',
      '--no-compile',
      '--root-user-action=ignore',
      '--target=/packages',
      '--requirement=/requirements.txt',
    ]);
    // Compiled code that does not look at times of files, for in the layer these are all alike.
    await python(['-m', 'compileall', '-qq', '--invalidation-mode=unchecked-hash', '/packages']);
    await rename(join(system, 'packages'), join(app, 'packages'));
  } finally {
    await rm(system, { recursive: true, force: true });
  }
}

/** Only for the time of the installation: name servers and the certificates this machine trusts, where it has them. */
async function copyNetworkSettings(system: string): Promise<void> {
  await mkdir(join(system, 'etc/ssl/certs'), { recursive: true });
  for (const file of ['/etc/resolv.conf', '/etc/hosts', certificates])
    if (existsSync(file)) await cp(file, join(system, file), { dereference: true });
}

/** Runs a program with `system` as its root; without being root, in a user namespace, as mmdebstrap does. */
function inside(system: string, program: string) {
  const chroot = ['chroot', system, program];
  const [command = '', ...prefix] =
    process.getuid?.() === 0 ? chroot : ['unshare', '--map-root-user', '--', ...chroot];
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/tmp',
    PIP_CERT: certificates,
    ...pipSettings(),
  };
  return (args: readonly string[]) => run(command, [...prefix, ...args], { env, maxBuffer: 64 << 20 });
}

/** Mirrors and proxies as this machine's pip has them; files it names are not there inside. */
function pipSettings(): Record<string, string> {
  const known = Object.entries(process.env).filter(([name]) => /^PIP_|_proxy$/i.test(name));
  const settings: Record<string, string> = {};
  for (const [name, value] of known)
    if (value !== undefined && !value.startsWith('/')) settings[name] = value;
  return settings;
}
