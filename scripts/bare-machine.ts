/**
 * Proves that Berth brings its engine: in a root file system of Debian without any container package and without Node, the npm
 * package `berth` is installed with the engine's packages, and a server, a deployment, a call and the end are tried.
 *
 *   npm run bare-machine
 *
 * Needs root (or sudo), mmdebstrap, and what `npm run build:engine` and `scripts/build-example-images.ts hello-node` make.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { asRoot } from './as-root.ts';
import { openLocalRegistry, type OwnPackage } from './bare-machine/local-registry.ts';
import { architectures, readManifest } from './engine/engine-manifest.ts';
import { runTool } from './engine/run-tool.ts';

/** Beside Debian's essential packages (a shell, coreutils, util-linux), this is all that a host needs; libstdc++6 is for Node. */
const hostPackages = ['e2fsprogs', 'iproute2', 'libstdc++6', 'mount', 'nftables'];

const root = resolve(import.meta.dirname, '..');
const image = join(root, '.cache/images/hello-node');
if (!existsSync(image))
  throw new Error('The example image is missing: run scripts/build-example-images.ts hello-node.');

const folder = await mkdtemp(join(tmpdir(), 'berth-bare-'));
const machine = join(folder, 'root');
try {
  console.log(`bare machine: Debian's essential packages and ${hostPackages.join(', ')}`);
  await mkdir(machine);
  await sudo('tar', '-xf', await rootArchive(), '-C', machine, '--numeric-owner');
  await installBerth(join(folder, 'berth'));
  await cp(join(root, 'scripts/bare-machine/story.sh'), join(folder, 'story.sh'));
  await runStory();
} finally {
  await sudo('rm', '-rf', '--one-file-system', folder);
}

/** Made once for each list of packages. */
async function rootArchive(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8');
  const suite = /^VERSION_CODENAME=(.*)$/m.exec(release)?.[1] ?? 'bookworm';
  const name = createHash('sha256')
    .update([suite, ...hostPackages].join())
    .digest('hex')
    .slice(0, 12);
  const archive = join(root, `.cache/bare/${name}.tar`);
  if (existsSync(archive)) return archive;
  await mkdir(join(archive, '..'), { recursive: true });
  const unfinished = `${archive}.${process.pid}`;
  const options = [
    '--quiet',
    '--variant=essential',
    '--skip=output/dev',
    `--include=${hostPackages.join(',')}`,
  ];
  await sudo('mmdebstrap', '--format=tar', ...options, suite, unfinished);
  await rename(unfinished, archive);
  return archive;
}

/** As a user does it, from a registry that has Berth's packages as they will be published. */
async function installBerth(target: string): Promise<void> {
  const tarball = (await runTool(process.execPath, [join(root, 'scripts/pack.ts')])).trim();
  const upstream = (await runTool('npm', ['config', 'get', 'registry'], { cwd: root })).trim();
  await using registry = await openLocalRegistry(await ownPackages(tarball), upstream);
  await mkdir(target);
  await writeFile(join(target, 'package.json'), '{"private":true}');
  const options = ['--no-fund', '--no-audit', '--prefer-offline', '--registry', registry.url];
  await runTool('npm', ['install', ...options, 'berth'], { cwd: target });
}

async function ownPackages(tarball: string): Promise<readonly OwnPackage[]> {
  const berth = JSON.parse(
    await readFile(join(root, '.cache/pack/berth/package.json'), 'utf8'),
  ) as OwnPackage['manifest'];
  const { packages } = await readManifest(root);
  const engine = Object.keys(packages).flatMap((name) =>
    architectures.map((cpu) => {
      const fullName = `${name}-linux-${cpu}`;
      const manifest = { name: fullName, version: berth.version, os: ['linux'], cpu: [cpu] };
      return { manifest, tarball: join(root, `.cache/engine/${fullName}-${berth.version}.tgz`) };
    }),
  );
  return [{ manifest: berth, tarball }, ...engine];
}

/** In namespaces of its own: the mounts, processes and network of the story end with it. */
async function runStory(): Promise<void> {
  const script = `
    set -eu
    mount --bind ${machine} ${machine}
    cd ${machine}
    mkdir -p old dev proc sys run tmp opt/berth images/hello-node
    mount --rbind /dev dev
    # Of this network namespace: the server looks there for its links.
    mount -t sysfs sysfs sys
    mount --rbind /sys/fs/cgroup sys/fs/cgroup
    mount -t proc proc proc
    mount -t tmpfs tmpfs run
    mount -t tmpfs tmpfs tmp
    mount --bind ${join(folder, 'berth')} opt/berth
    mount --bind ${image} images/hello-node
    cp ${join(folder, 'story.sh')} tmp/story.sh
    pivot_root . old
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /bin/sh -c 'umount -l /old && exec bash /tmp/story.sh'`;
  const [program, ...args] = asRoot([
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--net',
    '--kill-child',
    'sh',
    '-c',
    script,
  ]);
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The story on the bare machine ended with exit code ${String(code)}.`);
}

async function sudo(...command: [string, ...string[]]): Promise<void> {
  const [program, ...args] = asRoot(command);
  await runTool(program, args);
}
