import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { emulationWarning, runnablePlatforms } from './emulation.ts';
import { describePlatform, hostPlatform } from './platform.ts';

const own = describePlatform(hostPlatform());
/** The first bytes of an executable, as the kernel shows what it looks for. */
const magics = {
  arm64: '7f454c460201010000000000000000000200b700',
  amd64: '7f454c4602010100000000000000000002003e00',
  s390x: '7f454c4602020100000000000000000000020016',
};
const [foreignName, foreign] =
  hostPlatform().architecture === 'arm64'
    ? (['linux/amd64', magics.amd64] as const)
    : (['linux/arm64', magics.arm64] as const);

describe('what this machine runs', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-binfmt-'));
    await writeFile(join(folder, 'status'), 'enabled\n');
    await writeFile(join(folder, 'register'), '');
  });
  afterEach(() => rm(folder, { recursive: true }));
  const put = (name: string, magic: string, { state = 'enabled', flags = 'OPF', offset = 0 } = {}) =>
    writeFile(
      join(folder, name),
      `${state}\ninterpreter /usr/bin/qemu\nflags: ${flags}\noffset ${offset}\nmagic ${magic}\nmask ffff\n`,
    );
  const platforms = async () => (await runnablePlatforms(folder)).map(describePlatform);

  it('is its own platform first, then those that the kernel has emulators for', async () => {
    verifies('images:emulation');
    await put('qemu-a', foreign);
    await put('qemu-b', foreign);
    await put('qemu-own', hostPlatform().architecture === 'arm64' ? magics.arm64 : magics.amd64);
    await put('qemu-s390x', magics.s390x);

    assert.deepEqual(await platforms(), [own, foreignName, 'linux/s390x']);
  });

  it('is its own platform only, where emulators are off, cannot be used in sandboxes, or are for something else', async () => {
    verifies('images:emulation');
    await put('off', foreign, { state: 'disabled' });
    await put('outside', foreign, { flags: 'OP' });
    await put('elsewhere', foreign, { offset: 4 });
    await put('jar', '504b0304');
    await writeFile(join(folder, 'extension'), 'enabled\ninterpreter /usr/bin/x\nflags: F\nextension .x\n');
    assert.deepEqual(await platforms(), [own]);

    await put('good', foreign);
    await writeFile(join(folder, 'status'), 'disabled\n');
    assert.deepEqual(await platforms(), [own]);
    assert.deepEqual((await runnablePlatforms(join(folder, 'nothing'))).map(describePlatform), [own]);
  });

  it('has a price, when it is not its own', () => {
    verifies('images:emulation');
    assert.equal(emulationWarning(hostPlatform()), undefined);
    assert.match(
      emulationWarning({ os: 'linux', architecture: 's390x' }) ?? '',
      new RegExp(`is for linux/s390x and runs emulated on this ${own} machine: .*slower`),
    );
  });
});
