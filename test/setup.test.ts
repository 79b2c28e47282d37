import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { verifies } from './requirements.ts';

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, '..');
/** What the script itself runs. */
const basics = [
  'bash',
  'cat',
  'cut',
  'dirname',
  'head',
  'id',
  'mktemp',
  'rm',
  'sed',
  'sha256sum',
  'sort',
  'tail',
  'uname',
];

describe('scripts/setup.sh', () => {
  let folder: string;
  let clone: string;
  let bin: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-setup-'));
    clone = join(folder, 'clone');
    bin = join(folder, 'bin');
    await mkdir(join(clone, 'scripts'), { recursive: true });
    await mkdir(join(clone, 'node_modules'));
    await mkdir(bin);
    await writeFile(join(clone, 'package-lock.json'), '{}');
    await writeFile(join(clone, 'scripts/setup.sh'), await readFile(join(repository, 'scripts/setup.sh')), {
      mode: 0o755,
    });
    for (const name of basics) {
      const { stdout } = await run('which', [name]);
      await symlink(stdout.trim(), join(bin, name));
    }
    await program('node', 'echo 20');
    await program('npm', 'echo "npm $*" >>"$CALLS"; mkdir -p node_modules');
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function program(name: string, script: string): Promise<void> {
    await writeFile(join(bin, name), `#!/bin/bash\nPATH=/usr/bin:/bin\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }

  /** On a machine that has only what this test gave it; `calls` are the installers that were run. */
  async function setup(...args: readonly string[]) {
    const calls = join(folder, 'calls');
    await writeFile(calls, '');
    const env = { PATH: bin, CALLS: calls, HOME: folder };
    const result = await run(join(clone, 'scripts/setup.sh'), args, { env }).then(
      (done) => ({ ...done, code: 0 }),
      (failed: { stdout: string; stderr: string; code: number }) => failed,
    );
    return {
      ...result,
      calls: (await readFile(calls, 'utf8'))
        .trim()
        .split('\n')
        .filter((line) => line !== ''),
    };
  }

  it('changes nothing on a system without apt, and says what is missing and where to get it', async () => {
    verifies('setup:other-systems');
    const { code, stderr, calls } = await setup();
    assert.equal(code, 1);
    assert.match(stderr, /no apt, so nothing was changed/);
    assert.match(stderr, /^ {2}containerd: containerd$/m);
    assert.match(stderr, /https:\/\/containerd\.io\/downloads/);
    assert.deepEqual(calls, []);
  });

  it('installs only what is missing, removes nothing, and warns about an old runc', async () => {
    verifies('setup:never-alters', 'setup:idempotent');
    await program('apt-get', 'echo "apt-get $*" >>"$CALLS"');
    await program('containerd', 'exit 0');
    await program('runc', 'echo "runc version 1.1.5+ds1"');
    const { code, stdout, stderr, calls } = await setup();
    assert.equal(code, 0, stderr);
    const install = calls.find((call) => call.includes('install')) ?? '';
    assert.match(install, /--no-remove --no-install-recommends/);
    assert.doesNotMatch(install, /containerd|runc/);
    assert.match(install, /mmdebstrap skopeo/);
    assert.match(stdout, /npm packages +\d+ s/);
    assert.match(stderr, /runc 1\.1\.5\+ds1 lacks the fixes/);
  });

  it('does nothing the second time', async () => {
    verifies('setup:idempotent');
    await program('apt-get', 'echo "apt-get $*" >>"$CALLS"');
    for (const name of [
      'containerd',
      'ip',
      'nft',
      'mkfs.ext4',
      'losetup',
      'mmdebstrap',
      'skopeo',
      'nginx',
      'iptables',
      'qemu-s390x-static',
      'chromium',
    ])
      await program(name, 'exit 0');
    await program('python3', 'exit 0');
    await program('runc', 'echo "runc version 1.3.4"');
    const first = await setup();
    assert.deepEqual([first.code, first.stderr], [0, '']);
    const second = await setup();
    assert.match(second.stdout, /npm packages are up to date/);
    assert.deepEqual(
      second.calls.filter((call) => call.startsWith('npm')),
      [],
    );
  });

  it('builds the engine where there is Go, and a server then needs no other', async () => {
    verifies('setup:engine');
    await program('apt-get', 'echo "apt-get $*" >>"$CALLS"');
    await program('go', 'exit 0');
    await mkdir(join(clone, 'node_modules/.bin'));
    const engine = join(clone, `.cache/engine/berth-engine-linux-${process.arch}/bin`);
    await writeFile(
      join(clone, 'node_modules/.bin/node'),
      `#!/bin/bash
echo "node $*" >>"$CALLS"
PATH=/usr/bin:/bin
mkdir -p ${engine}
printf '#!/bin/bash\necho containerd of 2.4.2 x\n' >${engine}/containerd
printf '#!/bin/bash\necho runc version 1.5.2\n' >${engine}/runc
chmod +x ${engine}/*
`,
      { mode: 0o755 },
    );

    const { code, stdout, stderr, calls } = await setup('--server');

    assert.equal(code, 0, stderr);
    assert.ok(calls.includes('node scripts/build-engine.ts'), calls.join());
    const install = calls.find((call) => call.includes('install')) ?? '';
    assert.doesNotMatch(install, / (containerd|runc|tini)( |$)/);
    assert.match(stdout, /the engine is Berth's own: containerd 2\.4\.2, runc version 1\.5\.2/);
  });

  it("takes the system's engine when it is told to, and says so", async () => {
    verifies('setup:engine');
    await program('apt-get', 'echo "apt-get $*" >>"$CALLS"');
    await program('go', 'exit 0');
    await program('runc', 'echo "runc version 1.3.4"');

    const { code, stdout, calls } = await setup('--server', '--system-engine');

    assert.equal(code, 0);
    assert.ok(!calls.some((call) => call.startsWith('node')));
    assert.match(calls.find((call) => call.includes('install')) ?? '', / containerd( |$)/);
    assert.match(stdout, /the engine is the system's, as you said: start servers with BERTH_ENGINE=system/);
  });

  it('says what it knows and refuses what it does not', async () => {
    const help = await setup('--help');
    assert.match(help.stdout, /--check +say what is missing, change nothing/);
    const wrong = await setup('--everything');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /unknown option '--everything'/);
  });
});
