import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { verifies } from '../../../test/requirements.ts';
import { writeRunFile } from '../server-process/run-file.ts';
import { unitFile } from '../service/unit-file.ts';
import { type FakeContext, fakeContext } from '../testing/fake-context.ts';

/** Stands in for systemctl: notes what it is asked. */
async function withSystemctl(user: FakeContext, script = ''): Promise<() => Promise<string>> {
  const calls = join(user.folder, 'calls');
  const program = join(user.folder, 'bin', 'systemctl');
  await mkdir(join(user.folder, 'bin'));
  await mkdir(join(user.folder, 'run'));
  await mkdir(join(user.folder, 'units'));
  await writeFile(program, `#!/bin/sh\necho "$@" >> ${calls}\n${script}\n`);
  await chmod(program, 0o755);
  process.env['PATH'] = `${join(user.folder, 'bin')}:${process.env['PATH']}`;
  return () => readFile(calls, 'utf8');
}

describe('berth service', () => {
  it('says that there is no systemd, and that a dry run would print the unit', async () => {
    verifies('restart:service');
    await using user = await fakeContext({ uid: 0 });
    for (const command of ['install', 'uninstall', 'status']) {
      assert.equal(await user.run('service', command), 1);
    }
    assert.match(user.stderr(), /systemd does not run this machine/);
    assert.equal(await user.run('service', 'install', '--dry-run', '--log-level', 'debug'), 0);
    assert.match(user.stdout(), /^ExecStart=\S+\/berth up --home \S+\/state --log-level debug$/m);
  });

  it('writes the unit and starts it, keeps an environment file, and removes the unit again', async () => {
    verifies('restart:service');
    await using user = await fakeContext({ uid: 0 });
    const calls = await withSystemctl(user);
    const settings = user.context.systemd.environmentFile;
    assert.equal(await user.run('service', 'install', '--listen', '0.0.0.0:4700'), 0);
    const path = join(user.folder, 'units', 'berth.service');
    const unit = await readFile(path, 'utf8');
    assert.match(unit, /^ExecStart=\S+ up --home \S+ --listen 0\.0\.0\.0:4700$/m);
    assert.equal(await calls(), 'daemon-reload\nenable --now berth.service\n');
    assert.match(user.stdout(), /To end them, too: sudo berth down --sessions/);
    assert.equal((await stat(settings)).mode & 0o777, 0o600);

    await writeFile(settings, 'BERTH_LOG_LEVEL=debug\n');
    assert.equal(await user.run('service', 'install'), 0);
    assert.equal(await readFile(settings, 'utf8'), 'BERTH_LOG_LEVEL=debug\n');
    assert.equal(await user.run('service', 'uninstall'), 0);
    assert.match(await calls(), /\ndisable --now berth\.service\ndaemon-reload\n$/);
    await assert.rejects(access(path));
    await access(settings);
    assert.equal(await user.run('service', 'uninstall'), 1);
  });

  it('needs root, and does not start beside a server that runs already', async () => {
    verifies('restart:service');
    await using user = await fakeContext();
    await withSystemctl(user);
    assert.equal(await user.run('service', 'install', '--tls'), 1);
    assert.match(user.stderr(), /sudo .*berth service install --name berth --tls/);
    await using root = await fakeContext({ uid: 0 });
    await withSystemctl(root);
    const home = join(root.folder, 'state');
    await mkdir(home);
    const run = {
      pid: process.pid,
      url: 'http://x',
      engine: '',
      isolation: 'runc',
      warnings: [],
      startedAtMs: 1,
    };
    await writeRunFile(home, run);
    assert.equal(await root.run('service', 'install'), 1);
    assert.match(root.stderr(), /runs on .* already.*\n.*berth down/);
  });

  it('tells what systemd knows of it', async () => {
    verifies('restart:service');
    await using user = await fakeContext();
    const told =
      'LoadState=loaded\\nActiveState=active\\nSubState=running\\nUnitFileState=enabled\\nMainPID=42\\nNRestarts=3';
    await withSystemctl(user, `printf '${told}\\n'`);
    assert.equal(await user.run('service', 'status', '--json'), 0);
    assert.deepEqual(JSON.parse(user.stdout()), {
      isInstalled: true,
      state: 'active (running)',
      startsWithMachine: true,
      pid: 42,
      restarts: 3,
    });
  });
});

describe('the unit', () => {
  const parts = {
    program: '/opt/berth/bin/berth',
    flags: ['--home', '/var/lib/berth', '--public-url', 'http://a.b/c?d=$e&f="g h"%20'],
    home: '/var/lib/berth',
    environmentFile: '/etc/berth/berth.env',
    stopLimitMs: 60_000,
  };

  it('leaves sandboxes alone, comes back by itself, reloads in place, and says when it is ready', () => {
    verifies('restart:service');
    const lines = unitFile(parts).split('\n');
    for (const line of [
      'Type=notify',
      'NotifyAccess=all',
      'KillMode=process',
      'Delegate=yes',
      'MemorySwapMax=0',
      'Restart=on-failure',
      'EnvironmentFile=-/etc/berth/berth.env',
      'ExecReload=/opt/berth/bin/berth upgrade --home /var/lib/berth --new-settings',
      'TimeoutStopSec=90',
    ])
      assert.ok(lines.includes(line), line);
  });

  it('is understood by systemd, with flags that hold its special characters', async () => {
    verifies('restart:service');
    const unit = unitFile({ ...parts, program: '/bin/true' });
    assert.ok(unit.includes('"http://a.b/c?d=$$e&f=\\"g h\\"%%20"'), unit);
    const folder = await mkdtemp(join(tmpdir(), 'berth-unit-'));
    try {
      const path = join(folder, 'berth.service');
      await writeFile(path, unit);
      const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', path]).catch(
        (error: unknown) => {
          // Where systemd is not installed, the lines above are all there is to look at.
          if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { stderr: '' };
          throw error;
        },
      );
      assert.doesNotMatch(stderr, /berth\.service/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
