import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { CommandFailure, runCommand } from './run-command.ts';

describe('running a command', () => {
  it('passes standard input and returns standard output', async () => {
    assert.equal(await runCommand('cat', [], { stdin: 'words' }), 'words');
  });

  it('fails with exit code and standard error', async () => {
    const failing = runCommand('sh', ['-c', 'echo broken >&2; exit 3']);

    await assert.rejects(
      failing,
      (error) => error instanceof CommandFailure && error.exitCode === 3 && /broken/.test(error.message),
    );
  });

  it('says that a program is missing', async () => {
    await assert.rejects(runCommand('berth-no-such-program', []), { code: 'unavailable' });
  });

  it('kills what takes too long or is aborted', async () => {
    await assert.rejects(runCommand('sleep', ['60'], { timeoutMs: 20 }), /longer than 20 ms/);
    await assert.rejects(
      runCommand('sleep', ['60'], { signal: AbortSignal.abort(new Error('left')) }),
      /left/,
    );
  });
});
