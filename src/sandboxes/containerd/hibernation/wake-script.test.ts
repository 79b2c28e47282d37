import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifies } from '../../../../test/requirements.ts';
import { wakeScript } from './wake-script.ts';

test('the runtime of a sandbox that wakes restores where it is told to start, and passes on the rest', () => {
  verifies('hibernation:wakes');
  const dir = mkdtempSync(join(tmpdir(), "berth wake's "));
  const [script, runsc, folder] = ['script', 'runsc', "it's memory"].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(runsc, `#!/bin/sh\nprintf '%s\\n' "$@"\n`, { mode: 0o755 });
  writeFileSync(script, wakeScript({ runsc, folder }), { mode: 0o755 });
  const run = (...args: string[]) => execFileSync(script, args, { encoding: 'utf8' }).trimEnd().split('\n');

  assert.deepEqual(run('--root', '/a b', 'start', 'sb-1'), [
    ...['--root', '/a b', 'restore', '--image-path', folder, '--detach', 'sb-1'],
  ]);
  assert.deepEqual(run('--root', '/r', 'create', '--bundle', '/b', 'sb-1'), [
    ...['--root', '/r', 'create', '--bundle', '/b', 'sb-1'],
  ]);
  assert.deepEqual(run('kill', "it's", '9'), ['kill', "it's", '9']);
  rmSync(dir, { recursive: true });
});
