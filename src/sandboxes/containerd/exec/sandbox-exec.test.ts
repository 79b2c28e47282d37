import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../../test/requirements.ts';
import { EngineError } from '../api/engine-error.ts';
import { type ExecDriver, SandboxExec } from './sandbox-exec.ts';

test('a program whose engine takes no signal rejects nowhere, and its folder stays for the next sweep', async () => {
  verifies('sandboxes:exec-kill-failure');
  const clock = new FakeClock();
  const did: string[] = [];
  const exec = openExec(clock, did, () => Promise.reject(new EngineError('Kill', 'unavailable', 'gone')));

  await exec.kill('SIGHUP');
  const disposed = exec[Symbol.asyncDispose]();
  await clock.advance(10_000);
  await disposed;

  assert.deepEqual(did, ['warned', 'warned', 'closed', 'disposed']);
  assert.equal(await exec.exit, 137);
});

test('a program that was killed leaves no folder', async () => {
  verifies('sandboxes:exec-kill-failure');
  const clock = new FakeClock();
  const did: string[] = [];
  const exec = openExec(clock, did, () => Promise.resolve());

  const disposed = exec[Symbol.asyncDispose]();
  await clock.advance(10_000);
  await disposed;

  assert.deepEqual(did, ['removed', 'disposed']);
});

test('a program that left something behind is disposed of without waiting for that', async () => {
  verifies('sandboxes:exec');
  const did: string[] = [];
  const exec = openExec(new FakeClock(), did, () => Promise.resolve(), {
    wait: async () => ({ exitCode: 0, exitedAtMs: 0 }),
    // As long as its output is held open, and 10 s at most.
    removeProcess: () => {
      did.push('removing');
      return new Promise<void>(() => {});
    },
  });

  assert.equal(await exec.exit, 0);
  await exec[Symbol.asyncDispose]();

  assert.deepEqual(did, ['removing', 'removed', 'disposed']);
});

/** One that never ends by itself, if its engine does not say otherwise. */
function openExec(
  clock: FakeClock,
  did: string[],
  signal: () => Promise<void>,
  engine: Partial<ExecDriver['engine']['api']['tasks']> = {},
): SandboxExec {
  const tasks: ExecDriver['engine']['api']['tasks'] = {
    wait: (_id, { signal: given }) =>
      new Promise((_resolve, reject) => given?.addEventListener('abort', () => reject(given.reason))),
    removeProcess: () => Promise.resolve(),
    closeStdin: () => Promise.resolve(),
    resizeTerminal: () => Promise.resolve(),
    ...engine,
  };
  const note = (what: string) => () => void did.push(what);
  return new SandboxExec({
    driver: {
      engine: { api: { tasks } },
      clock,
      log: { warn: note('warned') },
    },
    id: { containerId: 'sandbox', execId: 'exec' },
    tree: { signal },
    streams: {
      paths: { stdin: '', stdout: '', stderr: '' },
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      end: () => Promise.resolve(),
      close: note('closed'),
      remove: () => Promise.resolve(note('removed')()),
    },
    hasTerminal: false,
    onDisposed: note('disposed'),
  });
}
