import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../../scripts/free-port.ts';
import { repository } from '../fixture/berth-fixture.ts';
import { installPythonClients, pythonClients } from '../fixture/python-clients.ts';
import { leftoversOf } from '../fixture/leftovers.ts';
import { verifies } from '../requirements.ts';

const run = promisify(execFile);

describe('README.md', { timeout: 300_000 }, () => {
  let folder: string;
  let env: Record<string, string | undefined>;

  before(async () => {
    await installPythonClients();
    folder = await mkdtemp(join(tmpdir(), 'berth-readme-'));
    const bin = join(folder, 'bin');
    await run('mkdir', [bin]);
    // This is root already. A reader has boto3, as the page says.
    await writeFile(join(bin, 'sudo'), '#!/bin/sh\nexec "$@"\n');
    await chmod(join(bin, 'sudo'), 0o755);
    env = {
      ...process.env,
      HOME: folder,
      // What setup has built is built.
      XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
      PATH: [bin, join(pythonClients, 'bin'), process.env['PATH']].join(delimiter),
      // Beside a server that this machine may have.
      BERTH_HOME: join(folder, 'state'),
      BERTH_LISTEN: `127.0.0.1:${await freePort()}`,
    };
  });

  after(async () => {
    // A tour that broke off leaves its server and sandboxes.
    await run('./bin/berth', ['down', '--sessions'], { cwd: repository, env }).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });

  it('has a tour whose commands do what it says, as they stand there', async () => {
    verifies('repository:tour');
    const script = scriptOf(await readFile(join(repository, 'README.md'), 'utf8'));
    const { stdout } = await run('bash', ['-c', script], { cwd: repository, env, maxBuffer: 2 ** 24 });

    const of = (command: string) => outputOf(stdout, command);
    assert.match(of('sudo ./bin/berth up -d'), /Berth listens on http/);
    assert.match(of('./bin/berth deploy'), /hello is ready: version 1/);
    assert.match(of('./bin/berth invoke'), /"You said: hi|You said: hi/);
    assert.match(of('python3'), /You said: hi/);
    assert.match(of('./bin/berth sessions list'), /ready/);
    assert.match(of('sudo ./bin/berth down --sessions'), /is stopped\. Sessions ended: 2\./);
    assert.deepEqual(await leftoversOf(join(folder, 'state')), []);
  });
});

/** The tour's commands in their order, each announced; the program in Python comes from standard input. */
function scriptOf(page: string): string {
  const tour = page.slice(page.indexOf('## A five-minute tour'), page.indexOf('## What is built'));
  const [, python = ''] = /```python\n([^]*?)```/.exec(tour) ?? [];
  const withoutPython = tour.replace(/```python[^]*?```/, `    python3 - <<'END'\n`);
  const commands = [...withoutPython.matchAll(/^ {4}(.+)$/gm)].map(([, command = '']) => command);
  assert.ok(commands.length > 8 && python.includes('boto3'), 'the tour was found');
  return [
    'set -euo pipefail',
    ...commands.flatMap((command) => [
      `cat <<'END'\n${marker}\n${command}\nEND`,
      `${command}${endOf(command, python)}`,
    ]),
  ].join('\n');
}

function endOf(command: string, python: string): string {
  return command.startsWith('python3') ? `\n${python}END` : '';
}

const marker = '-----8<-----';

function outputOf(stdout: string, command: string): string {
  const part = stdout.split(`${marker}\n`).find((text) => text.startsWith(command));
  assert.ok(part !== undefined, `the tour has the command ${command}`);
  return part;
}
