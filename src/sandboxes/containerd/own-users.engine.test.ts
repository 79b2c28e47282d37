import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { systemClock } from '../../shared/clock.ts';
import type { SandboxId } from '../../shared/ids.ts';
import { runInside } from '../testing/agent-client.ts';
import { type AgentImages, putAgentLayers } from '../testing/agent-image.ts';
import { type ContainerdUnderTest, openContainerdUnderTest } from '../testing/containerd-under-test.ts';
import { startListening } from '../testing/driver-under-test.ts';
import { inspectCgroups } from './cgroups.ts';
import { mountPoints } from './disks/kernel-disks.ts';
import { cgroupPath } from './driver-parts.ts';
import { idMapFolder } from './user-namespace-mounts.ts';
import { runCommand } from './run-command.ts';
import { userNamespaces } from './user-namespaces.ts';

const mebibyte = 1024 * 1024;
const firstOfRanges = 0x3000_0000;

/** Of the host: the users of a sandbox's processes. */
async function usersOf(subject: ContainerdUnderTest, id: SandboxId): Promise<readonly number[]> {
  const pids = await (await inspectCgroups(systemClock)).processes(cgroupPath(subject, id));
  const users = pids.map(async (pid) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
  });
  return [...new Set(await Promise.all(users))];
}

describe('The users of sandboxes of runc', { timeout: 300_000 }, () => {
  let subject: ContainerdUnderTest;
  let images: AgentImages;

  before(async () => {
    subject = await openContainerdUnderTest('packages');
    images = await putAgentLayers(subject.blobs);
  });
  after(() => subject.close());

  async function startAs(user: string, changes: Parameters<typeof startListening>[2] = {}) {
    const image = await images.make({ User: user });
    await subject.driver.prepareImage(image);
    return startListening(subject, image, changes);
  }

  it("are the sandbox's own: root inside is nobody on the host, and somebody else in each sandbox", async () => {
    verifies('isolation:own-users');
    const [one, other, plain] = [await startAs('0'), await startAs('0'), await startAs('agent')];

    const [first = 0, ...rest] = await usersOf(subject, one.id);
    const [second = 0] = await usersOf(subject, other.id);

    assert.deepEqual(rest, []);
    for (const user of [first, second]) assert.ok(user >= firstOfRanges && user % 65_536 === 0, String(user));
    assert.notEqual(first, second);
    assert.equal(await runInside(one, 'return process.getuid()'), 0);
    // Its init is not root either.
    for (const user of await usersOf(subject, plain.id)) assert.equal(user % 65_536, 1234);
    for (const { id } of [one, other, plain]) await subject.driver.remove(id, 0);
  });

  it('have what images expect of root: files, owners, any port, an output to open by its name', async () => {
    verifies('isolation:own-users-as-expected');
    const sandbox = await startAs('0');

    const seen = await runInside(
      sandbox,
      `const fs = await load('node:fs'); const net = await load('node:net'); const os = await load('node:os');
       fs.writeFileSync('/etc/made', ''); fs.chownSync('/etc/made', 65535, 65535);
       fs.appendFileSync('/etc/passwd', 'one more');
       fs.writeFileSync('/dev/stdout', 'by its name');
       const server = net.createServer().listen(80); await new Promise((done) => server.once('listening', done)); server.close();
       const owner = (path) => { const { uid, gid } = fs.statSync(path); return [uid, gid]; };
       return {
         owners: ['/', '/etc/passwd', '/home/agent', '/etc/made', '/tmp', '/app/made-by-the-engine'].map(owner),
         interfaces: Object.keys(os.networkInterfaces()), network: fs.readdirSync('/sys/class/net'),
         cpus: fs.existsSync('/sys/devices/system/cpu'), groups: fs.existsSync('/sys/fs/cgroup'),
       };`,
    );

    assert.deepEqual(seen, {
      owners: [
        [0, 0],
        [0, 0],
        [1234, 2345],
        [65535, 65535],
        [0, 0],
        [0, 0],
      ],
      interfaces: ['lo', 'eth0'],
      // None of the host's or of another sandbox's.
      network: [],
      cpus: true,
      groups: true,
    });
    assert.match(await readFile(sandbox.logFile, 'utf8'), /by its name/);
    await subject.driver.remove(sandbox.id, 0);
  });

  it("find a session's storage as they left it, though they are others on the host", async () => {
    verifies('isolation:own-users-storage');
    const volume = await subject.volumes.create(64 * mebibyte);
    const storage = { volume, mountPath: '/mnt/data' };
    const read = `const fs = await load('node:fs'); const { uid } = fs.statSync('/mnt/data/note'); return [uid, fs.readFileSync('/mnt/data/note', 'utf8'), fs.statSync('/mnt').uid];`;
    const first = await startAs('agent', { storage });
    await runInside(
      first,
      `(await load('node:fs')).writeFileSync('/mnt/data/note', 'mine', { mode: 0o600 })`,
    );
    const firstUsers = await usersOf(subject, first.id);
    await subject.driver.remove(first.id, 0);

    const second = await startAs('agent', { storage });

    assert.deepEqual(await runInside(second, read), [1234, 'mine', 0]);
    assert.notDeepEqual(await usersOf(subject, second.id), firstUsers);
    await subject.driver.remove(second.id, 0);
    await subject.volumes.remove(volume);
  });

  it("are the host's for an image whose user has a number beyond the range", async () => {
    verifies('isolation:own-users-fallback');
    const sandbox = await startAs('70000:70000');
    assert.deepEqual(await usersOf(subject, sandbox.id), [70_000]);
    await subject.driver.remove(sandbox.id, 0);
  });

  it("are the host's where the kernel refuses the mounts that they need, and that is told once", async () => {
    verifies('isolation:own-users-fallback');
    const image = { snapshotter: 'overlayfs' as const, user: { uid: 0, gid: 0, groups: [], home: '/' } };
    const slot = { address: '10.201.0.9' };
    const warnings: string[] = [];
    const log = { warn: (fields: object) => void warnings.push(JSON.stringify(fields)) };
    const { engine } = subject;
    // As for a container: a part of /proc is covered.
    const cover = ['--mount', 'bash', '-c', 'mount --bind /dev/null /proc/uptime && "$@"', 'bash'];
    const covered = userNamespaces({
      engine,
      log,
      run: (command, args) => runCommand('unshare', [...cover, command, ...args]),
    });
    const noFolder = userNamespaces({ engine: { ...engine, runDir: '/bin/true/run' }, log });

    for (const namespaces of [covered, noFolder, covered, noFolder])
      assert.equal(await namespaces.forSandbox(slot, image), undefined);

    assert.equal(warnings.length, 2);
    assert.match(warnings[0] ?? '', /\/proc: permission denied/);
    assert.match(warnings[1] ?? '', /ENOTDIR|EEXIST/);
    assert.notEqual(await userNamespaces({ engine, log }).forSandbox(slot, image), undefined);
  });

  it('leave nothing mounted, and a sweep removes what a killed shim left', async () => {
    verifies('isolation:own-users-clean');
    const folder = idMapFolder(subject.engine.runDir);
    const left = join(folder, 'ovl-idmapped1');
    assert.deepEqual(await mountPoints(folder), []);
    await runCommand('mkdir', [left]);
    await runCommand('mount', ['--bind', '-o', 'ro', subject.home, left]);

    const { repaired } = await subject.driver.sweep(new Set());

    assert.equal(repaired['mount'], 1);
    assert.deepEqual(await mountPoints(folder), []);
  });
});

describe("The users of sandboxes of an older engine's runc", { timeout: 300_000 }, () => {
  it("are the host's, as are those of a server that wants it so", async () => {
    verifies('isolation:own-users-fallback');
    for (const [which, userNamespaces] of [
      ['system', 'auto'],
      ['packages', 'off'],
    ] as const) {
      const subject = await openContainerdUnderTest(which, 'runc', undefined, userNamespaces);
      const image = await (await putAgentLayers(subject.blobs)).make({ User: '0' });
      await subject.driver.prepareImage(image);
      const sandbox = await startListening(subject, image);
      const canHaveOwn =
        userNamespaces === 'auto' && !(await subject.engine.api.system.version()).startsWith('1.');
      assert.equal((await usersOf(subject, sandbox.id))[0] === 0, !canHaveOwn);
      await subject.driver.remove(sandbox.id, 0);
      await subject.close();
    }
  });
});
