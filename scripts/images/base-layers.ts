import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { asRoot } from '../as-root.ts';
import { makeLayer, type Layer } from './oci-layout.ts';

const run = promisify(execFile);
/** For commands and terminals in a sandbox. */
const shell = ['bash', 'coreutils', 'dash', 'ncurses-base'];
const debianPackages = {
  node: ['libc6', 'libstdc++6', 'libatomic1', 'libgcc-s1', 'ca-certificates', ...shell],
  python: ['python3', 'python3-pip-whl', 'ca-certificates', ...shell],
};

export type Base = keyof typeof debianPackages;

/**
 * The layers under an example: a Debian or Ubuntu of this machine's own release with only what the language needs and a shell, then the
 * files that maintainer scripts would have written. Neither Docker nor an image registry takes part.
 */
export async function buildBaseLayers(base: Base, workDirectory: string): Promise<Layer[]> {
  const release = await readFile('/etc/os-release', 'utf8');
  const suite = /^VERSION_CODENAME=(.*)$/m.exec(release)?.[1] ?? 'bookworm';
  const systemTar = join(workDirectory, `${base}-system.tar`);
  await makeSystem(suite, debianPackages[base], systemTar);
  const filesTar = join(workDirectory, `${base}-files.tar`);
  const files = await mkdtemp(join(tmpdir(), 'berth-base-'));
  try {
    await writeSystemFiles(files, systemTar);
    if (base === 'node') await addNode(files);
    await tarFolder(files, filesTar);
  } finally {
    await rm(files, { recursive: true, force: true });
  }
  return [await makeLayer(systemTar), await makeLayer(filesTar)];
}

/** mmdebstrap wants root for the owners of files; the archive comes through a pipe, so that it belongs to whoever runs this. */
async function makeSystem(suite: string, packages: readonly string[], tarFile: string): Promise<void> {
  const options = ['--quiet', '--variant=extract', '--skip=output/dev', `--include=${packages.join(',')}`];
  const [program, ...args] = asRoot(['mmdebstrap', '--format=tar', ...options, suite, '-']);
  await using file = await open(tarFile, 'w');
  const child = spawn(program, args, { stdio: ['inherit', file.fd, 'pipe'] });
  const [problems, [exitCode]] = await Promise.all([
    child.stderr === null ? '' : text(child.stderr),
    once(child, 'exit'),
  ]);
  if (exitCode !== 0) throw new Error(`mmdebstrap ended with exit code ${String(exitCode)}:\n${problems}`);
}

/** Packs a folder so that the same content gives the same bytes. */
export async function tarFolder(folder: string, tarFile: string): Promise<void> {
  await run('tar', [
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '-cf',
    tarFile,
    '-C',
    folder,
    '.',
  ]);
}

async function writeSystemFiles(folder: string, systemTar: string): Promise<void> {
  const { stdout: certificates } = await run(
    'tar',
    ['-xOf', systemTar, '--wildcards', './usr/share/ca-certificates/mozilla/*.crt'],
    { maxBuffer: 64 << 20 },
  );
  const contents: Record<string, string> = {
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nagent:x:1000:1000:agent:/home/agent:/bin/sh\n',
    'etc/group': 'root:x:0:\nagent:x:1000:\n',
    'etc/ssl/certs/ca-certificates.crt': certificates,
  };
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await mkdir(join(folder, 'tmp'), { recursive: true });
  await chmod(join(folder, 'tmp'), 0o1777);
}

async function addNode(folder: string): Promise<void> {
  await mkdir(join(folder, 'usr/local/bin'), { recursive: true });
  const target = join(folder, 'usr/local/bin/node');
  await copyFile(process.execPath, target);
  await chmod(target, 0o755);
}
