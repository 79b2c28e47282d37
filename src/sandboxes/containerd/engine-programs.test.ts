import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { type EngineProgramName, enginePrograms } from './engine-programs.ts';

const platform = 'linux-x64';

describe("The engine's programs", () => {
  let folder: string;
  let installation: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-programs-'));
    installation = join(folder, 'installation');
    await mkdir(installation);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function program(path: string, mode = 0o755): Promise<string> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
    await chmod(path, mode);
    return path;
  }
  async function installed(npmPackage: string, file: string): Promise<string> {
    const root = join(installation, 'node_modules', npmPackage);
    await mkdir(root, { recursive: true });
    await writeFile(join(root, 'package.json'), JSON.stringify({ name: npmPackage }));
    return program(join(root, 'bin', file));
  }
  const built = (npmPackage: string, file: string) =>
    program(join(installation, '.cache/engine', npmPackage, 'bin', file));
  const find = (name: EngineProgramName, choice = 'auto') =>
    enginePrograms({ choice, installation, platform }).find(name);

  it('are those of a named folder, then of npm, then of the clone', async () => {
    verifies('engine:found-first');
    const inClone = await built('berth-engine-linux-x64', 'runc');
    assert.deepEqual(await find('runc'), { name: 'runc', path: inClone, source: 'build' });

    const ofNpm = await installed('berth-engine-linux-x64', 'runc');
    assert.deepEqual(await find('runc'), { name: 'runc', path: ofNpm, source: 'package' });

    const named = await program(join(folder, 'own/runc'));
    assert.deepEqual(await find('runc', join(folder, 'own')), {
      name: 'runc',
      path: named,
      source: 'folder',
    });
  });

  it('come from elsewhere when the named folder or a package lacks one, or it cannot be run', async () => {
    verifies('engine:found-first');
    await program(join(folder, 'own/containerd'), 0o644);
    await installed('berth-engine-linux-x64', 'runc');
    const inClone = await built('berth-engine-linux-x64', 'containerd');

    assert.equal((await find('containerd', join(folder, 'own')))?.path, inClone);
  });

  it('are the packages of this machine only, gVisor in one of its own, and the init by its own name', async () => {
    verifies('engine:found-first');
    await installed('berth-engine-linux-arm64', 'containerd-shim-runc-v2');
    const shim = await installed('berth-engine-linux-x64', 'containerd-shim-runc-v2');
    const runsc = await installed('berth-gvisor-linux-x64', 'runsc');
    const init = await installed('berth-engine-linux-x64', 'berth-init');

    const paths = await Promise.all(
      (['containerd-shim-runc-v2', 'runsc', 'init'] as const).map(async (name) => (await find(name))?.path),
    );
    assert.deepEqual(paths, [shim, runsc, init]);
  });

  it("are the system's when they are asked for, whatever is installed", async () => {
    verifies('engine:found-first');
    await installed('berth-engine-linux-x64', 'runc');

    assert.notEqual((await find('runc', 'system'))?.source, 'package');
  });

  it('come first in the search path of containerd, whose rest stays', async () => {
    verifies('engine:found-first');
    const runc = await installed('berth-engine-linux-x64', 'runc');
    await installed('berth-engine-linux-x64', 'containerd-shim-runc-v2');

    const path = (await enginePrograms({ choice: 'auto', installation, platform }).searchPath()).split(':');
    assert.equal(path[0], dirname(runc));
    assert.ok(path.includes('/usr/sbin'));
    assert.equal(new Set(path).size, path.length);
  });
});
