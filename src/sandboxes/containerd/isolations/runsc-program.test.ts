import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { verifies } from '../../../../test/requirements.ts';
import { runscProgram } from './runsc-program.ts';

const run = promisify(execFile);
let home: string;
let runsc: string;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "berth runsc's "));
  runsc = join(home, 'runsc');
});
after(() => rm(home, { recursive: true }));

/** What gVisor's program would do is this instead. */
async function programOf(script: string): Promise<string> {
  await writeFile(runsc, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return runscProgram(home, runsc);
}

test('a pause that was begun is done to its end, though the runtime is killed', async () => {
  verifies('hibernation:engine-killed');
  const done = join(home, 'done');
  const gate = join(home, 'gate');
  await run('mkfifo', [gate]);
  const program = await programOf(`cat "${gate}" >"${done}"`);
  const pausing = spawn(program, ['--root', '/r', 'pause', 'sb-1'], { stdio: 'ignore' });
  // It is opened when gVisor's program has begun to read.
  const held = await open(gate, 'w');
  pausing.kill('SIGKILL');
  await once(pausing, 'exit');
  await held.write('paused');
  await held.close();
  while ((await readFile(done, 'utf8').catch(() => '')) !== 'paused') await sleep(10);
});

test('what is paused or running already is so once more; other failures are those of gVisor', async () => {
  verifies('hibernation:engine-killed');
  const program = await programOf(
    `echo "cannot $3 container \\"$4\\" in state $WHAT" >&2; [ "$WHAT" = none ] && exit 7; exit 128`,
  );
  const asked = (word: string, what: string) =>
    run(program, ['--root', '/r', word, 'sb-1'], { env: { ...process.env, WHAT: what } });
  await asked('pause', 'paused');
  await asked('resume', 'running');
  for (const [word, what, code] of [
    ['pause', 'stopped', 128],
    ['pause', 'none', 7],
    ['resume', 'paused', 128],
    ['kill', 'paused', 128],
  ] as const)
    await assert.rejects(asked(word, what), {
      code,
      stderr: `cannot ${word} container "sb-1" in state ${what}\n`,
    });
});

test('all else is passed on as it is, by one whole file for each program', async () => {
  const program = await programOf(`printf '%s\\n' "$@"`);
  const { stdout } = await run(program, ['--root', '/a b', 'create', "it's"]);
  assert.equal(stdout, "--root\n/a b\ncreate\nit's\n");
  const others = await Promise.all([runscProgram(home, runsc), runscProgram(home, '/other')]);
  assert.notEqual(others[0], others[1]);
  const [path] = others;
  const text = await readFile(path, 'utf8');
  await writeFile(path, '');
  assert.equal(await runscProgram(home, runsc), path);
  assert.equal(await readFile(path, 'utf8'), text);
});
