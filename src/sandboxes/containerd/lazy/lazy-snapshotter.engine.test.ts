import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../../../test/requirements.ts';
import { systemClock } from '../../../shared/clock.ts';
import { runCommand } from '../run-command.ts';
import { type EnginePrograms, enginePrograms } from '../engine-programs.ts';
import { startLazySnapshotter } from './lazy-snapshotter.ts';

describe('the snapshotter of lazy images that a former server left (engine)', () => {
  let home: string;
  let runDir: string;
  let update: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'berth-stargz-'));
    runDir = join(home, 'run');
    update = join(home, 'update');
    await mkdir(update);
    const found = await enginePrograms({ choice: 'auto' }).find('stargz');
    assert.ok(found !== undefined, 'berth-stargz is missing: run npm run build:engine.');
    await copyFile(found.path, join(update, 'berth-stargz'));
    const first = await start(enginePrograms({ choice: 'auto' }));
    await first[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    const last = await start(enginePrograms({ choice: 'auto' }));
    await last.stop();
    await rm(home, { recursive: true });
  });
  const start = (programs: EnginePrograms) =>
    startLazySnapshotter({ home, runDir, programs, clock: systemClock, log: { info() {}, warn() {} } });
  const pid = () => readFile(join(runDir, 'stargz.pid'), 'utf8');

  it('is taken over when it is the program that is found now', async () => {
    verifies('engine:replaced');
    const before = await pid();

    await using next = await start(enginePrograms({ choice: 'auto' }));

    assert.equal(next.missing, undefined);
    assert.equal(await pid(), before);
  });

  it('is replaced after an update, when nothing stands on its mounts', async () => {
    verifies('engine:replaced');
    const before = await pid();

    await using next = await start(enginePrograms({ choice: update }));

    assert.equal(next.missing, undefined);
    assert.notEqual(await pid(), before);
  });

  it('goes on after an update, when something does', async () => {
    verifies('engine:replaced');
    const before = await pid();
    const mount = join(home, 'stargz/mount');
    await mkdir(mount);
    await runCommand('mount', ['-t', 'tmpfs', 'tmpfs', mount]);
    try {
      await using _next = await start(enginePrograms({ choice: update }));

      assert.equal(await pid(), before);
    } finally {
      await runCommand('umount', [mount]);
    }
  });
});
