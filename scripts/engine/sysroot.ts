import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Architecture } from './engine-manifest.ts';
import { runTool } from './run-tool.ts';

/** Debian's libseccomp for another processor, unpacked into a folder: nothing is installed. */
export interface Sysroot {
  readonly root: string;
  readonly include: string;
  readonly lib: string;
  readonly pkgConfig: string;
  /** Of libseccomp-dev. */
  readonly version: string;
}

const names = {
  x64: { debian: 'amd64', folder: 'x86_64-linux-gnu' },
  arm64: { debian: 'arm64', folder: 'aarch64-linux-gnu' },
} as const;

/** Downloads by apt, with lists of its own: the machine's architectures stay as they are. */
export async function openSysroot(architecture: Architecture, folder: string): Promise<Sysroot> {
  const { debian, folder: triplet } = names[architecture];
  const [lists, cache, root] = ['lists', 'cache', 'root'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives/partial'), { recursive: true });
  await mkdir(root);
  const options = [
    `APT::Architecture=${debian}`,
    `APT::Architectures=${debian}`,
    `Dir::State::lists=${lists}`,
    'Dir::State::status=/dev/null',
    `Dir::Cache=${cache}`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  await runTool('apt-get', [...options, 'update'], { cwd: folder });
  await runTool('apt-get', [...options, 'download', 'libseccomp-dev'], { cwd: folder });
  const file = (await readdir(folder)).find((name) => name.endsWith('.deb'));
  if (file === undefined) throw new Error(`apt has no libseccomp-dev for ${debian}.`);
  await runTool('dpkg-deb', ['-x', file, root], { cwd: folder });
  const version = (await runTool('dpkg-deb', ['-f', file, 'Version'], { cwd: folder })).trim();
  const lib = join(root, 'usr/lib', triplet);
  return { root, include: join(root, 'usr/include'), lib, pkgConfig: join(lib, 'pkgconfig'), version };
}
