import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { before, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { programsUnderTest } from '../testing/containerd-under-test.ts';

describe('The init of the packages', { timeout: 180_000 }, () => {
  let init: string;

  before(async () => {
    init = (await (await programsUnderTest('packages')).find('init'))?.path ?? '';
  });

  /** As process 1 of a PID namespace, as in a sandbox. */
  const start = (...command: readonly string[]) =>
    spawn('unshare', ['--pid', '--fork', '--mount-proc', init, '--', ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const exitOf = async (child: ChildProcess) => (await once(child, 'close'))[0] as number | null;

  it('ends as its program ends: with its status, or 128 and its signal', async () => {
    verifies('engine:init');
    assert.equal(await exitOf(start('sh', '-c', 'exit 7')), 7);
    assert.equal(await exitOf(start('sh', '-c', 'kill -9 $$')), 137);
    assert.equal(await exitOf(start('true')), 0);
  });

  it('says when there is no such program, or it cannot be run', async () => {
    verifies('engine:init');
    const missing = start('berth-no-such-program');
    const said = text(missing.stderr);
    assert.equal(await exitOf(missing), 127);
    assert.equal(await said, 'berth-init: berth-no-such-program: there is no such program.\n');
    assert.equal(await exitOf(start('/etc/passwd')), 126);
  });

  it('hands signals on, and ends a program without a handler at once', async () => {
    verifies('engine:init');
    const signalled = (script: string) => start('sh', '-c', `(sleep 0.2; kill -TERM 1) & ${script}`);
    const handled = signalled('trap "echo heard; exit 3" TERM; while :; do sleep 0.05; done');
    const heard = text(handled.stdout);
    assert.equal(await exitOf(handled), 3);
    assert.equal(await heard, 'heard\n');
    assert.equal(await exitOf(signalled('exec sleep 60')), 143);
  });

  it('reaps what its program leaves behind', async () => {
    verifies('engine:init');
    const leaving = start(
      'sh',
      '-c',
      // Each is orphaned at once and ends soon after; then nobody may be a zombie.
      'for i in 1 2 3 4 5; do (sleep 0.1 &) ; done; sleep 0.5; grep -l "^State:.Z" /proc/[0-9]*/status; set -- /proc/[0-9]*; echo $#',
    );
    const output = await text(leaving.stdout);
    assert.ok(!output.includes('status'), output);
    // The init and the shell.
    assert.equal(Number(output.trim()), 2, output);
  });

  it('keeps the environment, and finds programs by its search path', async () => {
    verifies('engine:init');
    const child = start('env', 'PATH=/nowhere:/usr/bin:/bin', init, 'printenv', 'PATH');
    assert.equal(await text(child.stdout), '/nowhere:/usr/bin:/bin\n');
  });
});
