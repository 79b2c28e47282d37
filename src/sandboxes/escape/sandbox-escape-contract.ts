import assert from 'node:assert/strict';
import { once } from 'node:events';
import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { Digest } from '../../images/digest.ts';
import { randomText, systemRandom } from '../../shared/ids.ts';
import type { RunningSandbox } from '../sandbox-driver.ts';
import { runInside } from '../testing/agent-client.ts';
import { type DriverUnderTest, startListening } from '../testing/driver-under-test.ts';
import { traitsOf } from '../testing/isolation-traits.ts';
import { type AttemptsProgram, buildAttempts } from './attempts-program.ts';
import { hostSwitches, kernelAttempts, ownKernelSwitches, refusals } from './kernel-attempts.ts';

/** A driver, and what there is of the host for an agent to reach for. */
export interface EscapeUnderTest extends DriverUnderTest {
  /** Of the engine, on the host. */
  readonly engineSocket: string;
  /** Folder of the writable layers of all sandboxes. */
  readonly disksDir: string;
  readonly internalPort: number;
}

const secret = `secret-${randomText(systemRandom, 20)}`;

/** What root inside a sandbox tries, and must not get; each with the same attempt where no wall is, where that is possible. */
export function describeSandboxEscape(name: string, open: () => Promise<EscapeUnderTest>): void {
  describe(`Out of a sandbox of ${name}`, { timeout: 300_000 }, () => {
    let subject: EscapeUnderTest;
    let program: AttemptsProgram;
    let image: Digest;
    let sandbox: RunningSandbox;
    let neighbour: RunningSandbox;
    let gateway: string;

    before(async () => {
      [subject, program] = await Promise.all([open(), buildAttempts()]);
      image = await program.putImage(subject.blobs);
      await subject.driver.prepareImage(image);
      [sandbox, neighbour] = await Promise.all([
        startListening(subject, image),
        startListening(subject, image),
      ]);
      await runInside(neighbour, `(await load('node:fs')).writeFileSync('/tmp/own', '${secret}')`);
      const hosts = String(await runInside(sandbox, readText('/etc/hosts')));
      gateway = /^(\S+)\tberth\.internal$/m.exec(hosts)?.[1] ?? assert.fail(hosts);
    });
    after(async () => {
      await subject?.close();
      await program?.[Symbol.asyncDispose]();
    });

    /** Outcomes of calls of attempts.c, made inside. */
    async function attempt(
      where: RunningSandbox,
      calls: readonly (readonly string[])[],
    ): Promise<readonly string[]> {
      const outcomes = await runInside(
        where,
        `const { spawnSync } = await load('node:child_process');
         return ${JSON.stringify(calls)}.map((args) => spawnSync('/app/attempts', args, { timeout: 10000 })).map(({ stdout, error, signal }) => stdout?.toString().trim() || String(error?.code ?? signal))`,
      );
      assert.ok(Array.isArray(outcomes));
      return outcomes.map(String);
    }

    it('no call reaches the kernel that would change or read the machine', async () => {
      verifies('isolation:kernel-calls');
      const { sharesKernel } = traitsOf(subject.isolation);
      const inside = await attempt(
        sandbox,
        kernelAttempts.map(({ name: call, args = [] }) => [call, ...args]),
      );

      for (const [at, { name: call, args = [], outside, mayTouchOwnKernel }] of kernelAttempts.entries()) {
        const got = inside[at] ?? '';
        const isItsOwn = mayTouchOwnKernel === true && !sharesKernel;
        assert.ok(isItsOwn || refusals.includes(got), `${call} inside: ${got}`);
        if (outside === 'nothing to compare') continue;
        const control = await program.onHost(call, args);
        assert.ok(outside.includes(control), `${call} on the host: ${control}`);
      }
    });

    it('no file opens that would change or read the machine', async () => {
      verifies('isolation:kernel-files');
      const before = readHostSwitches();
      const { sharesKernel } = traitsOf(subject.isolation);
      const allowed = sharesKernel ? [] : ownKernelSwitches;
      const tried = hostSwitches.filter((path) => !allowed.includes(path));

      const opened = await runInside(
        sandbox,
        `const fs = await load('node:fs');
         const opens = (path) => { try { fs.closeSync(fs.openSync(path, 'r+')); return true } catch { return false } };
         const write = (path) => { try { fs.writeFileSync(path, '1'); return true } catch { return false } };
         return ${JSON.stringify(tried)}.filter((path) => opens(path) && write(path))`,
      );

      assert.deepEqual(opened, []);
      assert.deepEqual(readHostSwitches(), before);
      const onHost = hostSwitches.filter(canOpenForWriting);
      assert.ok(onHost.length > 8, `only ${onHost.join()} can be written to on this host`);
    });

    it('no process of the host or of another sandbox is seen, signalled or traced', async () => {
      verifies('isolation:processes');
      const seen = await runInside(
        sandbox,
        `const fs = await load('node:fs');
         return fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name))
           .map((pid) => fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0')[0])`,
      );
      const stranger = String(process.pid);
      assert.deepEqual(seen, ['/.berth/init', '/usr/local/bin/node']);
      assert.equal(await program.onHost('send_signal', ['1']), 'done');
      assert.deepEqual(
        await attempt(sandbox, [
          ['send_signal', stranger],
          ['trace', stranger],
          ['read_memory', `/proc/${stranger}/mem`],
        ]),
        ['ESRCH', 'ESRCH', 'ENOENT'],
      );

      // Everything that it may signal, by one call; then nothing is left of it but its own end.
      const other = await startListening(subject, image);
      await runInside(other, `setTimeout(() => process.kill(-1, 'SIGKILL'), 1)`);
      await subject.driver.remove(other.id, 5_000);
      assert.equal(await runInside(neighbour, 'return 1'), 1);
      assert.equal(await runInside(sandbox, 'return 1'), 1);
    });

    it('no file of the host or of another sandbox is read', async () => {
      verifies('isolation:files');
      const dir = await mkdtemp(join(tmpdir(), 'berth-escape-'));
      const file = join(dir, 'file');
      await writeFile(file, secret);
      const layer = join(subject.disksDir, '..');
      const ways = [
        '',
        '/proc/1/root',
        '/proc/1/cwd/../..',
        '/proc/self/root',
        '/proc/self/cwd/../../..',
        '/../../..',
      ];
      const paths = ways.map((way) => `${way}${file}`);

      const found = await runInside(
        sandbox,
        `const fs = await load('node:fs');
         const read = (path) => { try { return fs.readFileSync(path, 'utf8') } catch { return '' } };
         const dirs = (path) => { try { return fs.readdirSync(path).length } catch { return -1 } };
         return { files: ${JSON.stringify(paths)}.map(read), own: read('/tmp/own'), layer: dirs(${JSON.stringify(layer)}),
           link: read('/app/passwd-of-the-host').includes('berth-host') }`,
      );

      assert.deepEqual(found, { files: paths.map(() => ''), own: '', layer: -1, link: false });
      assert.equal(await readFile(file, 'utf8'), secret);
      assert.ok((await readdir(layer)).length > 0);
      assert.equal(await runInside(neighbour, readText('/tmp/own')), secret);
      await rm(dir, { recursive: true });
    });

    it("the engine's socket and sockets without a file are not there", async () => {
      verifies('isolation:engine-socket');
      const abstract = `\0berth-escape-${randomText(systemRandom, 8)}`;
      const server = createServer((socket) => socket.end());
      server.listen(abstract);
      await once(server, 'listening');

      const inside = await runInside(
        sandbox,
        `const { connect } = await load('node:net');
         const attempt = (path) => new Promise((resolve) => connect({ path })
           .on('connect', () => resolve('connected')).on('error', (error) => resolve(error.code)));
         return [await attempt(${JSON.stringify(subject.engineSocket)}), await attempt(${JSON.stringify(abstract)})]`,
      );

      const onHost = [await connects({ path: subject.engineSocket }), await connects({ path: abstract })];
      server.close();
      assert.deepEqual(inside, ['ENOENT', 'ECONNREFUSED']);
      assert.deepEqual(onHost, [true, true]);
    });

    it('nothing of the host answers but the internal listener, and no metadata service but its own', async () => {
      verifies('isolation:host-services', 'role:reachable');
      await using _internal = await listenHttp(gateway, subject.internalPort);
      await using other = await listenHttp('0.0.0.0', 0);
      const { port } = other;
      const own = Object.entries(networkInterfaces())
        // Bridges of other servers come and go.
        .flatMap(([link, list]) => (link.startsWith('bth') ? [] : (list ?? [])))
        .filter(({ family }) => family === 'IPv4')
        .map(({ address }) => address);
      const hosts = [...new Set([...own, gateway, '127.0.0.1', 'berth.internal'])];
      const ours = [`berth.internal:${subject.internalPort}`, '169.254.169.254', '169.254.170.2'];
      const metadata = ['169.254.169.254:8080', '169.254.169.253', '169.254.170.23', '100.100.100.200'];
      const closed = [...hosts.map((host) => `${host}:${port}`), ...metadata];

      const answers = await runInside(
        sandbox,
        `const ask = (host) => fetch('http://' + host + '/', { signal: AbortSignal.timeout(3000) }).then((r) => r.text(), () => 'refused');
         return [await Promise.all(${JSON.stringify(ours)}.map(ask)), await Promise.all(${JSON.stringify(closed)}.map(ask))]`,
      );

      assert.deepEqual(answers, [ours.map(() => 'of the host'), closed.map(() => 'refused')]);
      for (const host of [...own, gateway]) {
        assert.equal(await (await fetch(`http://${host}:${port}/`)).text(), 'of the host');
      }
    });

    it('no other sandbox is reached, nor spoken for', async () => {
      verifies('isolation:neighbours');
      const port = String(subject.internalPort);
      await using _internal = await listenHttp(gateway, subject.internalPort);

      const asked = await runInside(
        sandbox,
        `return fetch('http://${neighbour.address.host}:8080/', { method: 'POST', body: 'return 1', signal: AbortSignal.timeout(3000) })
           .then((response) => response.text(), () => 'refused')`,
      );
      const [asItself, asNeighbour] = await attempt(sandbox, [
        ['speak_as', sandbox.address.host, gateway, port],
        ['speak_as', neighbour.address.host, gateway, port],
      ]);

      assert.equal(asked, 'refused');
      assert.equal(await runInside(neighbour, 'return 1'), 1);
      assert.equal(asItself, 'done');
      assert.notEqual(asNeighbour, 'done');
    });

    it('links that it leaves behind lead nobody on the host astray', async () => {
      verifies('isolation:links');
      const dir = await mkdtemp(join(tmpdir(), 'berth-outside-'));
      await writeFile(join(dir, 'file'), secret);
      const other = await startListening(subject, image);
      await runInside(
        other,
        `const fs = await load('node:fs');
         for (const path of ['/tmp', '/root', '/var', '/run']) { fs.rmSync(path, { recursive: true, force: true }); fs.symlinkSync(${JSON.stringify(dir)}, path) }
         fs.rmSync('/app', { recursive: true }); fs.symlinkSync(${JSON.stringify(dir)}, '/app');`,
      );

      // Work of the host in it: a program in its folder, the disk's use, the end.
      const program = await subject.driver
        .exec(other.id, { args: ['node', '-e', 'console.log(process.cwd())'] })
        .catch(() => undefined);
      if (program !== undefined) assert.ok(!(await text(program.stdout)).includes(secret));
      await subject.driver.diskUsage();
      await subject.driver.remove(other.id, 0);

      assert.deepEqual(await readdir(dir), ['file']);
      assert.equal(await readFile(join(dir, 'file'), 'utf8'), secret);
      await rm(dir, { recursive: true });
    });

    it('what it has written to its log stays written, and its log is no way to the host', async () => {
      verifies('isolation:log');
      const seen = await runInside(
        sandbox,
        `const fs = await load('node:fs');
         console.log('before'); 
         const attempt = (work) => { try { return String(work()) } catch (error) { return error.code } };
         const outcomes = [attempt(() => fs.ftruncateSync(1, 0)), attempt(() => fs.readSync(1, Buffer.alloc(10), 0, 10, 0))];
         console.log('\\u001b[2Jafter\\u0000'); return [outcomes, fs.readlinkSync('/proc/self/fd/1')]`,
      );

      const log = await readFile(sandbox.logFile, 'utf8');
      assert.match(log, /agent has started[^]*before\n[^]*after/);
      assert.ok(!JSON.stringify(seen).includes(sandbox.logFile), JSON.stringify(seen));
    });
  });
}

function readText(path: string): string {
  return `return (await load('node:fs')).readFileSync(${JSON.stringify(path)}, 'utf8')`;
}

/** Those that are not counters, which change by themselves. */
function readHostSwitches(): readonly string[] {
  return hostSwitches.filter((path) => path.startsWith('/proc/sys/')).map(readIfPossible);
}

function readIfPossible(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function canOpenForWriting(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function listenHttp(host: string, port: number): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createHttpServer((_, response) => response.end('of the host'));
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function connects(to: { readonly path: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(to);
    socket.on('connect', () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });
}
