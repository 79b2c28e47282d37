import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { Digest } from '../images/digest.ts';
import { sleep, systemClock } from '../shared/clock.ts';
import type { RunningSandbox } from './sandbox-driver.ts';
import { runInside } from './testing/agent-client.ts';
import { type AgentImages, putAgentLayers } from './testing/agent-image.ts';
import { type IsolationTraits, traitsOf } from './testing/isolation-traits.ts';
import { type DriverUnderTest, newSpec, startListening } from './testing/driver-under-test.ts';

/** What an agent finds inside every sandbox, and what it cannot do there. */
export function describeSandboxInside(name: string, open: () => Promise<DriverUnderTest>): void {
  describe(`Inside a sandbox of ${name}`, { timeout: 300_000 }, () => {
    let subject: DriverUnderTest;
    let traits: IsolationTraits;
    let images: AgentImages;
    let image: Digest;
    /** Shared by the tests that leave it as it was. */
    let sandbox: RunningSandbox;
    /** The same, as root. */
    let rooted: RunningSandbox;

    before(async () => {
      subject = await open();
      traits = traitsOf(subject.isolation);
      images = await putAgentLayers(subject.blobs);
      image = await images.make();
      const root = await images.make({ User: '' });
      await Promise.all([subject.driver.prepareImage(image), subject.driver.prepareImage(root)]);
      [sandbox, rooted] = await Promise.all([startListening(subject, image), startListening(subject, root)]);
    });
    after(() => subject.close());

    it("the image's settings and the version's variables apply", async () => {
      verifies('sandboxes:image-settings', 'sandboxes:environment');

      const seen = await runInside(
        sandbox,
        `return { cwd: process.cwd(), ids: [process.getuid(), process.getgid(), process.getgroups().sort()], env: process.env }`,
      );

      assert.deepEqual(seen, {
        cwd: '/app/made-by-the-engine',
        ids: [1234, 2345, [2345, 3456]],
        env: {
          PATH: '/usr/local/bin',
          HOME: '/home/agent',
          FROM_IMAGE: 'image',
          OVERRIDDEN: 'version',
          FROM_VERSION: 'version',
        },
      });
    });

    it('a user may be a number that the image does not know', async () => {
      const numbered = await images.make({ User: '4321:5432' });
      await subject.driver.prepareImage(numbered);
      const other = await startListening(subject, numbered);

      const ids = await runInside(other, 'return [process.getuid(), process.getgid(), process.getgroups()]');

      assert.deepEqual(ids, [4321, 5432, [5432]]);
      await subject.driver.remove(other.id, 0);
    });

    it('/tmp and /dev/shm can be written to, names are known, an init is process 1', async () => {
      verifies('sandboxes:file-system', 'sandboxes:init');

      const seen = await runInside(
        sandbox,
        `const { writeFile, readFile } = await load('node:fs/promises');
         const { hostname } = await load('node:os');
         await writeFile('/tmp/file', '1');
         await writeFile('/dev/shm/file', '1');
         const text = (path) => readFile(path, 'utf8');
         return { host: hostname(), hosts: await text('/etc/hosts'), name: await text('/etc/hostname'),
           resolv: await text('/etc/resolv.conf'), init: (await text('/proc/1/cmdline')).split('\\0')[0] }`,
      );

      assert.partialDeepStrictEqual(seen, {
        host: sandbox.id,
        name: `${sandbox.id}\n`,
        init: '/.berth/init',
      });
      const { hosts } = seen as { hosts: string };
      assert.match(hosts, /^127\.0\.0\.1\tlocalhost$/m);
      assert.match(hosts, /\tberth\.internal$/m);
      assert.ok(hosts.includes(`${sandbox.address.host}\t${sandbox.id}`));
    });

    it('its egress is that of its spec, names included, over a restart of the driver', async () => {
      verifies('network:egress-off', 'network:allow-list', 'network:policy-kept');
      const destinations = [
        { kind: 'name', name: 'allowed.example', isWildcard: false, port: undefined },
      ] as const;
      const off = await startListening(subject, image, { egress: { kind: 'off' } });
      const listed = await startListening(subject, image, { egress: { kind: 'allow-list', destinations } });
      const look = `const { readFile } = await import('node:fs/promises');
        const { lookup } = await import('node:dns/promises');
        const { connect } = await import('node:net');
        const code = (error) => error.code;
        const reach = (host, port) => new Promise((resolve) => {
          const socket = connect({ host, port, timeout: 3000 }, () => resolve('open'));
          socket.on('error', (error) => resolve(error.code)).on('timeout', () => resolve('silence'));
        });
        return { resolv: await readFile('/etc/resolv.conf', 'utf8'), other: await lookup('other.example').catch(code),
          outside: await reach('203.0.113.1', 80), address: await reach('192.0.2.1', 443) };`;

      for (const round of ['first', 'after a restart']) {
        const [whenOff, whenListed] = await Promise.all([runInside(off, look), runInside(listed, look)]);
        const refused = { outside: 'ECONNREFUSED', address: 'ECONNREFUSED' };
        assert.partialDeepStrictEqual(whenOff, { ...refused, resolv: '' }, round);
        assert.match(String((whenOff as { other: unknown }).other), /^(EAI_AGAIN|ENOTFOUND)$/);
        assert.partialDeepStrictEqual(whenListed, { ...refused, other: 'ENOTFOUND' }, round);
        assert.match((whenListed as { resolv: string }).resolv, /^nameserver [\d.]+\n$/);
        if (round === 'first') await (await subject.reopen())[Symbol.asyncDispose]();
      }
      await Promise.all([off, listed].map(({ id }) => subject.driver.remove(id, 0)));
    });

    it('files of one sandbox are in no other, and none outlives it', async () => {
      const exists = `return (await load('node:fs')).existsSync('/tmp/own')`;
      await runInside(sandbox, `(await load('node:fs')).writeFileSync('/tmp/own', '1')`);

      const other = await startListening(subject, image);

      assert.equal(await runInside(sandbox, exists), true);
      assert.equal(await runInside(other, exists), false);
      await subject.driver.remove(other.id, 0);
    });

    it('no privileges can be gained, few capabilities are held, and none when not root', async () => {
      verifies('sandboxes:no-new-privileges', 'sandboxes:capabilities');
      const status = `return (await load('node:fs')).readFileSync('/proc/self/status', 'utf8')`;

      const [asUser, asRoot] = [await runInside(sandbox, status), await runInside(rooted, status)];

      assert.match(String(asUser), /^NoNewPrivs:\t1$/m);
      assert.match(String(asUser), /^CapEff:\t0{16}$/m);
      assert.match(String(asRoot), /^NoNewPrivs:\t1$/m);
      // CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE.
      assert.match(String(asRoot), /^CapBnd:\t00000000000005fb$/m);
    });

    it('a program beside the agent is no less confined than the agent, and sees what it sees', async () => {
      verifies('sandboxes:exec-walls');
      const look = `
        const fs = await load('node:fs');
        const text = (path) => fs.readFileSync(path, 'utf8');
        const { env } = process;
        return { env, cwd: process.cwd(), groups: process.getgroups(), cgroup: text('/proc/self/cgroup'), limits: text('/proc/self/limits'),
          oom: text('/proc/self/oom_score_adj'), root: fs.readdirSync('/').sort(),
          namespaces: fs.readdirSync('/proc/self/ns').map((name) => fs.readlinkSync('/proc/self/ns/' + name)).sort(),
          status: text('/proc/self/status').match(/^(Uid|Gid|Groups|Cap\\w+|NoNewPrivs|Seccomp):.*$/gm) }`;
      for (const one of [sandbox, rooted]) {
        const code = `(async (load) => { ${look} })((name) => import(name)).then((seen) => console.log(JSON.stringify(seen)))`;
        await using program = await subject.driver.exec(one.id, { args: ['node', '-e', code] });

        const seen: unknown = JSON.parse(await text(program.stdout));

        assert.deepEqual(seen, await runInside(one, look));
      }
    });

    it('system calls outside the profile are refused', async () => {
      verifies('sandboxes:seccomp');

      const status = await runInside(
        rooted,
        `return (await load('node:fs')).readFileSync('/proc/self/status', 'utf8')`,
      );

      assert.match(String(status), new RegExp(`^Seccomp:\\t${traits.seccomp}$`, 'm'));
    });

    it('kernel files of the host are masked, and none can be written to', async () => {
      verifies('sandboxes:masked-paths');

      const seen = await runInside(
        rooted,
        `const fs = await load('node:fs');
         const attempt = (work) => { try { return String(work()); } catch (error) { return error.code; } };
         return [
           attempt(() => fs.readFileSync('/proc/keys').length),
           attempt(() => fs.readdirSync('/sys/firmware').length),
           attempt(() => fs.writeFileSync('/proc/sys/kernel/hostname', 'x')),
           attempt(() => fs.mkdirSync('/sys/fs/cgroup/escape')),
         ]`,
      );

      assert.deepEqual(seen, [traits.procKeys, '0', traits.procSysWrite, 'EROFS']);
    });

    it('a full disk is full for the agent alone', async () => {
      verifies('sandboxes:disk-limit');
      const fill = `const fs = await load('node:fs');
        for (let n = 0; n < 200; n += 1) fs.writeFileSync('/tmp/fill-' + n, Buffer.alloc(1024 * 1024));`;
      const other = await startListening(subject, image);

      await assert.rejects(runInside(other, fill), /ENOSPC/);

      assert.equal(
        await runInside(sandbox, `(await load('node:fs')).writeFileSync('/tmp/small', '1'); return 1`),
        1,
      );
      await subject.driver.remove(other.id, 0);
    });

    it('no more processes run than the limit allows', async () => {
      verifies('sandboxes:pids-limit');
      const other = await startListening(subject, image, {
        limits: { ...newSpec(subject, image).limits, pids: 32 },
      });

      // At its limit an agent of gVisor may answer no more: the host's count is what tells.
      void runInside(
        other,
        `const { spawn } = await load('node:child_process');
         for (let n = 0; n < 40; n += 1) {
           try {
             spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' }).on('error', () => {});
           } catch {}
         }
         return 1`,
      ).catch(() => {});
      const ran = () => subject.tasks(other.id);
      while ((await ran()) <= 24) await sleep(systemClock, 50);
      // It goes on trying.
      for (let look = 0; look < 20; look += 1) {
        const count = await ran();
        assert.ok(count <= 32 + traits.ownTasks, `${count} ran`);
        await sleep(systemClock, 100);
      }
      await subject.driver.remove(other.id, 0);
    });

    it('no more processor time is had than the limit allows', async () => {
      verifies('sandboxes:cpu-limit');
      const other = await startListening(subject, image, {
        limits: { ...newSpec(subject, image).limits, cpus: 0.25 },
      });

      const usedBefore = await subject.usedCpuMs(other.id);
      const tookMs = await runInside(
        other,
        `const startedAt = performance.now();
         while (performance.now() - startedAt < 2000);
         return performance.now() - startedAt`,
      );
      const share = ((await subject.usedCpuMs(other.id)) - usedBefore) / Number(tookMs);

      // One more period of 100 ms may have begun.
      assert.ok(share < 0.35, `${share} of a processor was had`);
      assert.ok(share > 0.02, `${share} of a processor was had, as if nothing had run`);
      await subject.driver.remove(other.id, 0);
    });

    it('an agent, or a child of it, that takes too much memory is ended and reported as out of memory', async () => {
      verifies('sandboxes:memory-limit');
      const limits = { ...newSpec(subject, image).limits, memoryBytes: 96 * 1024 * 1024 };
      const hog = `const kept = []; for (;;) kept.push(Buffer.alloc(4 * 1024 * 1024, 1));`;
      const [self, child] = await Promise.all([
        startListening(subject, image, { limits }),
        startListening(subject, image, { limits }),
      ]);

      await runInside(self, `setTimeout(() => { ${hog} }, 1)`);
      await runInside(
        child,
        `const { spawn } = await load('node:child_process');
         spawn(process.execPath, ['-e', ${JSON.stringify(hog)}]).on('exit', () => process.exit(5))`,
      );

      assert.partialDeepStrictEqual(await subject.driver.waitForExit(self.id), {
        exitCode: 137,
        outOfMemory: true,
      });
      assert.equal((await subject.driver.waitForExit(child.id)).outOfMemory, true);
      await Promise.all([subject.driver.remove(self.id, 0), subject.driver.remove(child.id, 0)]);
    });
  });
}
