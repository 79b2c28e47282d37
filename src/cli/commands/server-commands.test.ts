import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, open, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { verifies } from '../../../test/requirements.ts';
import { writeRunFile } from '../server-process/run-file.ts';
import { rotateServerLog, serverLogPath } from '../server-process/server-log.ts';
import type { StartServer } from '../server-process/running-server.ts';
import { fakeContext, type FakeContext } from '../testing/fake-context.ts';
import { fakeServer, type FakeServer } from '../testing/fake-server.ts';

const status = {
  version: '1.2.3',
  region: 'us-east-1',
  accountId: '000000000000',
  engine: { description: 'containerd 9 (private)', isolation: 'runc', warnings: ['runc is old.'] },
  liveSessions: 2,
  imageStore: { usedPercent: 41.5, high: 85, low: 80 },
};
const live = { id: 'a', runtimeId: 'hello-abcdefghij', state: 'ready' };
const withSessions = {
  'GET /berth/v1/sessions': { sessions: [live] },
  'POST /berth/v1/sessions/hello-abcdefghij/a/stop': {},
  'GET /berth/v1/server': status,
};

function credentialsOf(server: FakeServer) {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = server.env;
  return { url: server.url, region: 'us-east-1', accountId: '000000000000', accessKeyId, secretAccessKey };
}

/** Starts nothing: says it is the given server. */
function startAs(server: FakeServer, closed: string[] = []): StartServer {
  return async (config) => ({
    url: server.url,
    engine: {
      description: 'containerd 9 (private)',
      isolation: config.engine.isolation,
      warnings: ['runc is old.'],
    },
    credentials: credentialsOf(server),
    countSandboxes: async () => 2,
    handOver: () => Promise.reject(new Error('nobody takes over here')),
    finishCalls: async () => {},
    [Symbol.asyncDispose]: async () => void closed.push(config.home),
  });
}

async function leaveCredentials(user: FakeContext, server: FakeServer): Promise<string> {
  const home = join(user.folder, 'state');
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'credentials'), JSON.stringify(credentialsOf(server)));
  return home;
}

describe('berth up', () => {
  it('stops with the exact sudo line when it is not root, without values of secrets', async () => {
    verifies('cli:up-needs-root');
    await using user = await fakeContext({
      env: { BERTH_MASTER_KEY: 'secret', HTTPS_PROXY: 'p', OTHER: 'x' },
    });

    const code = await user.run(
      'up',
      '--listen',
      '0.0.0.0:80',
      '--allow-cidr',
      '10.0.0.0/8',
      '--no-egress',
      '-d',
    );

    assert.equal(code, 1);
    assert.match(
      user.stderr(),
      /Run: {2}sudo --preserve-env=BERTH_HOME,BERTH_MASTER_KEY,HTTPS_PROXY \/opt\/berth\/bin\/berth up --listen 0\.0\.0\.0:80 --no-egress --allow-cidr 10\.0\.0\.0\/8 --detach\n/,
    );
    assert.doesNotMatch(user.stderr(), /secret/);
  });

  it('says where it listens, engine, isolation, warnings and what to run next; Ctrl-C says what still runs', async () => {
    verifies('cli:up-says');
    await using server = await fakeServer({});
    const closed: string[] = [];
    await using user = await fakeContext({
      uid: 0,
      startServer: startAs(server, closed),
      env: { BERTH_LISTN: 'x' },
    });

    const done = user.run('up', '--listen', '0.0.0.0:4700');
    while (!user.stdout().includes('env)"')) await new Promise((resolve) => setImmediate(resolve));
    user.interrupt();

    assert.equal(await done, 0);
    assert.ok(user.stdout().includes(`Berth listens on ${server.url}\n`));
    assert.match(user.stdout(), /engine +containerd 9 \(private\)\n +isolation +runc\n/);
    assert.match(user.stdout(), /warning: runc is old\./);
    assert.match(user.stdout(), /warning: 0\.0\.0\.0 is not loopback and there is no TLS/);
    assert.match(user.stderr(), /warning: BERTH_LISTN is not a setting/);
    assert.match(user.stderr(), /2 sandboxes and their sessions go on.*\n.*berth down --sessions/);
    assert.deepEqual(closed, [join(user.folder, 'state')]);
    await assert.rejects(stat(join(user.folder, 'state', 'server.json')));
  });

  it('tells where it listens with TLS, and hands the flag on to root', async () => {
    verifies('cli:up-says', 'cli:up-needs-root');
    await using plain = await fakeContext();
    assert.equal(await plain.run('up', '--tls', '--no-egress'), 1);
    assert.match(plain.stderr(), /berth up --tls --no-egress\n/);

    await using server = await fakeServer({});
    await using user = await fakeContext({ uid: 0, startServer: startAs(server) });
    const done = user.run('up', '--tls', '--tls-listen', '127.0.0.1:8443');
    while (!user.stdout().includes('env)"')) await new Promise((resolve) => setImmediate(resolve));
    user.interrupt();
    assert.equal(await done, 0);
    assert.match(user.stdout(), /tls +127\.0\.0\.1 port 8443; see berth trust\n/);
    assert.match(user.stdout(), /warning: TLS is on port 8443: .* lead to 443/);
  });

  it('leaves a client file for the user who called sudo, owned by them', async () => {
    verifies('cli:up-client-file');
    await using server = await fakeServer({});
    await using probe = await fakeContext();
    const config = join(probe.folder, 'config');
    await using user = await fakeContext({
      uid: 0,
      startServer: startAs(server),
      // A user that every machine has, and no home of which is written: XDG_CONFIG_HOME leads elsewhere.
      env: { SUDO_UID: '65534', SUDO_GID: '65534', XDG_CONFIG_HOME: config },
    });
    const isRoot = process.getuid?.() === 0;

    const done = user.run('up');
    while (!user.stdout().includes('env)"')) await new Promise((resolve) => setImmediate(resolve));
    user.interrupt();
    await done;

    if (!isRoot) return;
    const path = join(config, 'berth', 'client.json');
    assert.equal(JSON.parse(await readFile(path, 'utf8')).current, server.url);
    const { uid, mode } = await stat(path);
    assert.deepEqual([uid, mode & 0o777], [65534, 0o600]);
  });

  it('moves a log aside that has grown too large, and its writers go on', async () => {
    verifies('cli:up-detached');
    await using user = await fakeContext();
    const path = serverLogPath(user.folder);
    const log = await open(path, 'a');
    await log.write('before\n');

    await rotateServerLog(path, 3);
    await log.write('after\n');
    await rotateServerLog(path);
    await log.close();

    assert.equal(await readFile(`${path}.1`, 'utf8'), 'before\n');
    assert.equal(await readFile(path, 'utf8'), 'after\n');
  });

  it('refuses a second server on the same home', async () => {
    verifies('cli:up-second');
    await using user = await fakeContext({ uid: 0 });
    const home = join(user.folder, 'state');
    await mkdir(home);
    await writeRunFile(home, {
      pid: process.pid,
      url: 'http://x',
      engine: 'e',
      isolation: 'runc',
      warnings: [],
      startedAtMs: 1,
    });

    assert.equal(await user.run('up'), 1);

    assert.match(user.stderr(), /already running on .*, at http:\/\/x\.\nStop it with 'sudo berth down'/);
  });

  it('in the background waits until the server is ready, or shows the last lines of its log', async () => {
    verifies('cli:up-detached');
    await using folder = await fakeContext();
    const program = join(folder.folder, 'berth');
    await using good = await fakeContext({ uid: 0, program });
    await using bad = await fakeContext({ uid: 0, program });
    const runFile = new URL('../server-process/run-file.ts', import.meta.url).pathname;
    await writeFile(
      program,
      `#!${process.execPath}
if (process.argv[4] === 'debug') { console.error('the engine is missing'); process.exit(1); }
const { writeRunFile } = await import('${runFile}');
await writeRunFile(process.env.BERTH_HOME, { pid: process.pid, url: 'http://x', engine: 'e', isolation: 'runc', warnings: [], startedAtMs: 1 });
setTimeout(() => {}, 60_000);
`,
    );
    await chmod(program, 0o755);

    assert.equal(await good.run('up', '-d', '--json'), 0, good.stderr());
    const { pid } = JSON.parse(good.stdout());
    process.kill(pid, 'SIGKILL');
    assert.equal(await bad.run('up', '-d', '--log-level', 'debug'), 1);
    assert.match(
      bad.stderr(),
      /did not start: it ended with exit code 1\.\nthe engine is missing\nThe whole log is/,
    );
  });
});

describe('berth down', () => {
  it('ends all sessions first when asked, then stops exactly the process that runs the home', async () => {
    verifies('cli:down');
    await using server = await fakeServer(withSessions);
    await using user = await fakeContext();
    const home = await leaveCredentials(user, server);
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    const ended = once(child, 'exit');
    await writeRunFile(home, {
      pid: child.pid ?? 0,
      url: server.url,
      engine: 'e',
      isolation: 'runc',
      warnings: [],
      startedAtMs: 1,
    });

    assert.equal(await user.run('down', '--sessions'), 0, user.stderr());

    assert.deepEqual((await ended)[1], 'SIGTERM');
    assert.match(user.stdout(), /is stopped\. Sessions ended: 1\./);
    assert.match(server.seen.at(-1)?.url ?? '', /hello-abcdefghij\/a\/stop$/);
  });

  it('does not touch a process that has the pid but is another one', async () => {
    await using user = await fakeContext();
    const home = join(user.folder, 'state');
    await mkdir(home);
    const run = {
      pid: process.pid,
      startTicks: '1',
      url: 'http://x',
      engine: 'e',
      isolation: 'runc',
      warnings: [],
      startedAtMs: 1,
    };
    await writeFile(join(home, 'server.json'), JSON.stringify(run));

    assert.equal(await user.run('down'), 0);

    assert.match(user.stdout(), /No server was running/);
  });

  it('ends the sessions of a home whose server is already down, by one that runs for just that', async () => {
    const closed: string[] = [];
    const startServer: StartServer = async (config, secrets) => {
      const server = await fakeServer(withSessions, config.listen.port);
      const running = await startAs(server, closed)(config, secrets);
      return {
        ...running,
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]().then(() => void closed.push(server.url)),
      };
    };
    await using user = await fakeContext({ uid: 0, startServer });
    await mkdir(join(user.folder, 'state'));

    assert.equal(await user.run('down', '--sessions'), 0, user.stderr());

    assert.match(user.stdout(), /No server was running on .* Sessions ended: 1\./);
    assert.equal(closed.length, 1);
  });
});

describe('berth status', () => {
  it('tells what runs, and exits 3 when nothing does', async () => {
    verifies('cli:status');
    await using server = await fakeServer(withSessions);
    await using user = await fakeContext();
    await leaveCredentials(user, server);

    assert.equal(await user.run('status'), 0);
    assert.match(user.stdout(), /^state +up$/m);
    assert.match(user.stdout(), /^live sessions +2$/m);
    assert.match(user.stderr(), /warning: runc is old\./);
    await server[Symbol.asyncDispose]();
    assert.equal(await user.run('status', '--json'), 3);
    assert.match(user.stdout(), /"state": "down"/);
  });
});

describe('bin/berth', () => {
  const berth = new URL('../../../bin/berth', import.meta.url).pathname;

  it('runs from source, also through a link from elsewhere', async () => {
    verifies('cli:from-clone');
    await using user = await fakeContext();
    await symlink(berth, join(user.folder, 'berth'));

    const { stdout } = await promisify(execFile)(join(user.folder, 'berth'), ['version', '--json'], {
      cwd: '/',
    });

    assert.match(JSON.parse(stdout).node, /^v24\./);
  });

  it('says what to run when npm packages are missing', async () => {
    await using user = await fakeContext();
    await mkdir(join(user.folder, 'bin'));
    await writeFile(join(user.folder, 'bin', 'berth'), await readFile(berth), { mode: 0o755 });

    await assert.rejects(promisify(execFile)(join(user.folder, 'bin', 'berth'), ['version']), {
      code: 1,
      stderr: `berth: npm packages are missing. Run: ${user.folder}/scripts/setup.sh\n`,
    });
  });
});
