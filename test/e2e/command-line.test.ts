import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import type { Finding } from '../../src/shared/finding.ts';
import { berthCommand, BerthFixture } from '../fixture/berth-fixture.ts';
import { leftoversOf } from '../fixture/leftovers.ts';
import { verifies } from '../requirements.ts';

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the berth command as a process', { timeout: 300_000 }, () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-command-'));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  /** Through a shell, as people type it. */
  async function shell(line: string, env: Readonly<Record<string, string>> = {}): Promise<Result> {
    const child = spawn('bash', ['-c', line], {
      env: { ...process.env, HOME: folder, ...env, BERTH: berthCommand },
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    return { code, stdout, stderr };
  }

  it('keeps its options from the program that runs it', async () => {
    verifies('cli:from-clone');
    const variables = join(folder, 'vars');
    await writeFile(variables, 'NODE_OPTIONS=--inspect-brk\n');
    const { code, stderr } = await shell(`"$BERTH" deploy --env-file ${variables} registry.example/agent:v1`);
    assert.notEqual(code, 9);
    assert.doesNotMatch(stderr, /Debugger listening/);
    const missing = await shell('"$BERTH" deploy --env-file /nowhere registry.example/agent:v1');
    assert.deepEqual([missing.code, missing.stdout], [2, '']);
    assert.match(missing.stderr, /'\/nowhere' cannot be read/);
  });

  it('says what is wrong with this machine in a line, with no stack trace', async () => {
    verifies('cli:exit-codes');
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const up = `"$BERTH" up --home ${folder}/state`;
    const cases: readonly (readonly [string, RegExp])[] = [
      [
        `${up} --listen 127.0.0.1:${port}`,
        /address already in use.*\n.*choose another address with --listen/,
      ],
      [`${up} --listen 1.2.3.4:4790`, /EADDRNOTAVAIL.*\n.*no such address/],
      ['"$BERTH" up --home /etc/passwd', /EEXIST|ENOTDIR/],
    ];
    for (const [line, message] of cases) {
      const { code, stderr } = await shell(line);
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /bug of Berth|\n +at /);
    }
    taken.close();
    assert.deepEqual(await leftoversOf(join(folder, 'state')), []);
  });

  it('tells of this very machine what a server needs, tries it, and leaves nothing behind', async () => {
    verifies('doctor:real', 'doctor:isolations');
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const file = join(folder, 'isolations.json');
    await writeFile(file, JSON.stringify({ kata: { shim: 'io.containerd.kata.v2' } }));
    const examine = async (line: string) => {
      const { code, stdout, stderr } = await shell(line, {
        BERTH_ISOLATIONS_FILE: file,
        TMPDIR: folder,
      });
      assert.equal(stderr, '');
      const report = JSON.parse(stdout) as { usable: boolean; findings: Finding[] };
      const tell = (subject: string) => {
        const found = report.findings.findLast((finding) => finding.subject === subject);
        return `${found?.state} ${found?.detail}`;
      };
      return { code, usable: report.usable, tell };
    };
    const doctor = `"$BERTH" doctor --json --home ${folder}/later/state --listen 127.0.0.1:${port}`;

    const bad = await examine(doctor);
    taken.close();
    assert.deepEqual([bad.code, bad.usable], [1, false]);
    assert.equal(bad.tell(`127.0.0.1 port ${port}`), `fail node (pid ${process.pid}) listens there`);

    const good = await examine(doctor);
    assert.deepEqual([good.code, good.usable], [0, true]);
    for (const subject of ['user', 'disks of sandboxes', 'namespaces', 'overlay', 'bridges', 'nftables'])
      assert.match(good.tell(subject), /^ok /, subject);
    assert.match(good.tell('runc'), /^ok a sandbox ran/);
    assert.match(good.tell('users of runc'), /^(ok|warn) /);
    assert.match(good.tell('kata'), /^warn .*containerd-shim-kata-v2/);

    assert.ok(!(await readFile('/proc/self/mountinfo', 'utf8')).includes(folder));
    assert.ok(!existsSync(join(folder, 'later')));
    const left = (await readdir(folder)).filter((name) => name.startsWith('berth-doctor-'));
    assert.deepEqual(left, []);
  });

  it('does its work to the end although nobody reads what it says', async () => {
    verifies('cli:down');
    const berth = await BerthFixture.start();
    const { home } = berth.server;
    await shell(`"$BERTH" down --sessions --home ${home} 2>&1 | head -c 1`);
    assert.equal((await shell(`"$BERTH" status --home ${home}`)).code, 3);
    assert.deepEqual(await leftoversOf(home), []);
    await berth.destroy();
  });

  it('ends with its reader when all it does is print', async () => {
    verifies('cli:logs', 'cli:invoke');
    const berth = await BerthFixture.start();
    const runtime = await berth.deploy('hello-node', 'hello');
    const environment = { BERTH_HOME: berth.server.home };
    const streamed = await shell(
      `"$BERTH" invoke ${runtime.id} '{"stream": 100000, "everyMs": 20}' | head -n 1`,
      environment,
    );
    assert.match(streamed.stdout, /^data: /);
    await berth.destroy();
  });

  it("lends the terminal to a command: Ctrl-C is the command's alone", async () => {
    verifies('cli:env-command');
    const berth = await BerthFixture.start();
    const script = `trap 'echo got INT' INT; trap 'echo got TERM; exit 5' TERM; echo ready; while :; do sleep 0.1; done`;
    const child = spawn(berthCommand, ['env', '--', 'bash', '-c', script], {
      env: { ...process.env, BERTH_HOME: berth.server.home },
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'close');
    let said = '';
    child.stdout.on('data', (chunk) => (said += String(chunk)));
    const untilSaid = async (what: string) => {
      while (!said.includes(what)) await once(child.stdout, 'data');
    };
    await untilSaid('ready');
    // A terminal sends it to the whole group.
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await untilSaid('got INT');
    child.kill('SIGTERM');
    const [code] = (await exited) as [number];
    assert.equal(code, 5);
    assert.equal(said, 'ready\ngot INT\ngot TERM\n');
    await berth.destroy();
  });
});
