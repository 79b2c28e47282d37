import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describePlatform, hostPlatform, type Platform } from './platform.ts';

/** Where the kernel shows which programs run files of other machines. */
const binfmtFolder = '/proc/sys/fs/binfmt_misc';

/**
 * What this machine runs: its own platform, and after it those for which the kernel has an emulator that it can use inside a
 * sandbox. Read anew at each call, since an emulator may be installed at any time.
 */
export async function runnablePlatforms(folder = binfmtFolder): Promise<readonly Platform[]> {
  const own = hostPlatform();
  const names = await readdir(folder).catch(() => []);
  const handlers = await Promise.all(
    names
      .filter((name) => name !== 'register' && name !== 'status')
      .toSorted()
      .map((name) => readFile(join(folder, name), 'utf8').catch(() => '')),
  );
  const status = await readFile(join(folder, 'status'), 'utf8').catch(() => '');
  const emulated = status.startsWith('enabled') ? handlers.flatMap(platformOf) : [];
  const architectures = new Set([own.architecture]);
  return [own, ...emulated.filter(({ architecture }) => isNew(architectures, architecture))];
}

/** What it costs to run an image of another platform; undefined for the machine's own. */
export function emulationWarning(platform: Platform): string | undefined {
  const own = hostPlatform();
  if (platform.architecture === own.architecture) return undefined;
  return `The image is for ${describePlatform(platform)} and runs emulated on this ${describePlatform(own)} machine: expect it to start late, to be many times slower and to need more memory. Build it for ${describePlatform(own)} to run it at full speed.`;
}

function isNew(seen: Set<string>, architecture: string): boolean {
  const isFirst = !seen.has(architecture);
  seen.add(architecture);
  return isFirst;
}

/**
 * Of a handler as the kernel describes it (admin-guide/binfmt-misc). Without the flag F the kernel looks for the emulator inside
 * the sandbox, where there is none.
 */
function platformOf(handler: string): readonly Platform[] {
  const field = (name: string) => new RegExp(`^${name}:? (.*)$`, 'm').exec(handler)?.[1] ?? '';
  const magic = Buffer.from(field('magic'), 'hex');
  const isUsable = handler.startsWith('enabled') && field('flags').includes('F') && field('offset') === '0';
  if (!isUsable || magic.length < 20 || magic.toString('latin1', 0, 4) !== '\x7fELF') return [];
  const [, , , , wordSize, byteOrder] = magic;
  const machine = byteOrder === 1 ? magic.readUInt16LE(18) : magic.readUInt16BE(18);
  return platforms[`${machine} ${wordSize} ${byteOrder}`] ?? [];
}

/** By machine, word size (1: 32 bits, 2: 64) and byte order (1: little end first) of an ELF header. */
const platforms: Readonly<Record<string, readonly Platform[]>> = {
  '3 1 1': [{ os: 'linux', architecture: '386' }],
  '21 2 1': [{ os: 'linux', architecture: 'ppc64le' }],
  '22 2 2': [{ os: 'linux', architecture: 's390x' }],
  '40 1 1': [{ os: 'linux', architecture: 'arm', variant: 'v7' }],
  '62 2 1': [{ os: 'linux', architecture: 'amd64' }],
  '183 2 1': [{ os: 'linux', architecture: 'arm64', variant: 'v8' }],
  '243 2 1': [{ os: 'linux', architecture: 'riscv64' }],
  '258 2 1': [{ os: 'linux', architecture: 'loong64' }],
};
