import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifies } from '../../../test/requirements.ts';
import type { Digest } from '../../images/digest.ts';
import { systemClock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import { runInside } from '../testing/agent-client.ts';
import { type AgentImages, putAgentLayers } from '../testing/agent-image.ts';
import { type ContainerdUnderTest, openContainerdUnderTest } from '../testing/containerd-under-test.ts';
import { newSpec, startListening } from '../testing/driver-under-test.ts';
import { openContainerdEngine } from './containerd-engine.ts';

const quiet = { info() {}, warn() {}, error() {} };

for (const isolation of ['runc', 'gvisor']) {
  describe(
    `A server with a containerd of its own, and sandboxes of ${isolation}`,
    { timeout: 300_000 },
    () => {
      let subject: ContainerdUnderTest;
      let images: AgentImages;
      let image: Digest;

      before(async () => {
        subject = await openContainerdUnderTest(undefined, isolation);
        images = await putAgentLayers(subject.blobs);
        image = await images.make();
      });
      after(() => subject.close());
      beforeEach(() => subject.driver.prepareImage(image));

      it('keeps its sandboxes when containerd is killed, and goes on with them', async () => {
        verifies('sandboxes:containerd-killed', 'isolation:gvisor');
        const sandbox = await startListening(subject, image);
        const exit = subject.driver.waitForExit(sandbox.id);
        const killed = daemonPid();

        process.kill(killed, 'SIGKILL');

        assert.equal(await runInside(sandbox, 'return 1'), 1);
        const another = await startListening(subject, image);
        assert.notEqual(daemonPid(), killed);
        assert.equal((await subject.driver.list()).length, 2);
        await Promise.all([subject.driver.remove(sandbox.id, 1_000), subject.driver.remove(another.id, 0)]);
        assert.equal((await exit).exitCode, 143);
      });

      it('takes over the containerd that a former server left', async () => {
        const { home, engine } = subject;
        const pid = daemonPid();

        await using again = await openContainerdEngine({
          home,
          serverTag: engine.serverTag,
          containerdSocket: undefined,
          runDir: engine.runDir.slice(0, engine.runDir.lastIndexOf('/')),
          programs: subject.engine.programs,
          clock: systemClock,
          log: quiet,
        });

        assert.equal(again.daemonPid, pid);
        assert.ok(await again.blobs.find(image));
      });

      it('uses a containerd that is named, in a namespace of its own, and leaves it alone', async () => {
        const { home, engine } = subject;
        const pid = daemonPid();
        const named = await openContainerdEngine({
          home,
          serverTag: 'abcdef',
          containerdSocket: `${engine.runDir}/containerd.sock`,
          runDir: engine.runDir,
          programs: subject.engine.programs,
          clock: systemClock,
          log: quiet,
        });

        const seen = await named.blobs.find(image);
        await named.stop();

        assert.equal(named.daemonPid, undefined);
        assert.equal(seen, undefined);
        assert.equal(daemonPid(), pid);
        assert.ok(await engine.blobs.find(image));
      });

      it('says what is wrong when the named containerd does not answer', { timeout: 60_000 }, async () => {
        const opening = openContainerdEngine({
          home: subject.home,
          serverTag: 'abcdef',
          containerdSocket: `${subject.home}/nothing.sock`,
          programs: subject.engine.programs,
          clock: systemClock,
          log: quiet,
        });

        await assert.rejects(opening, (error) => error instanceof BerthError && error.code === 'unavailable');
      });

      it('goes on when containerd is killed in the middle of starts and removals', async () => {
        const first = daemonPid();
        const starts = Array.from({ length: 8 }, () => subject.driver.start(newSpec(subject, image)));
        setTimeout(() => process.kill(first, 'SIGKILL'), 150);

        const outcomes = await Promise.allSettled(starts);
        const running = outcomes.flatMap((outcome) =>
          outcome.status === 'fulfilled' ? [outcome.value] : [],
        );
        while (daemonPid() === first) await sleep(10);
        const second = daemonPid();
        const removals = running.map(({ id }) => subject.driver.remove(id, 0));
        setTimeout(() => process.kill(second, 'SIGKILL'), 20);
        await Promise.allSettled(removals);
        await subject.driver.sweep(new Set());

        assert.deepEqual(await subject.driver.list(), []);
        const left = await subject.engine.api.containers.list();
        assert.deepEqual(left, []);
        for (const { id } of running) assert.deepEqual(tracesOf(id), []);
        await subject.driver.remove((await startListening(subject, image)).id, 0);
      });

      it('reports and removes a sandbox whose shim was killed', async () => {
        const sandbox = await startListening(subject, image);
        const exit = subject.driver.waitForExit(sandbox.id);

        process.kill(shimPid(sandbox.id), 'SIGKILL');

        assert.notEqual((await exit).exitCode, 0);
        await subject.driver.remove(sandbox.id, 1_000);
        assert.deepEqual(tracesOf(sandbox.id), []);
      });

      it('leaves no trace of a sandbox on the machine', async () => {
        verifies('sandboxes:no-leaks');
        const spec = newSpec(subject, image);
        const sandbox = await startListening(subject, image, spec);
        const before = tracesOf(sandbox.id);

        await subject.driver.remove(sandbox.id, 0);

        assert.ok(before.length > 3, before.join());
        assert.deepEqual(tracesOf(sandbox.id), []);
      });

      it('frees an unpacked image when it is forgotten, and the layers it shares only with the last', async () => {
        verifies('sandboxes:leases');
        const other = await images.make({ Labels: { purpose: 'sharing' } });
        await subject.driver.prepareImage(other);

        await subject.driver.forgetImage(other);
        await subject.engine.api.leases.collect();
        const shared = (await subject.engine.api.snapshots.list()).length;
        const sandbox = await startListening(subject, image);
        await subject.driver.forgetImage(image);
        await subject.engine.api.leases.collect();
        const inUse = (await subject.engine.api.snapshots.list()).length;
        await subject.driver.remove(sandbox.id, 0);
        await subject.engine.api.leases.collect();

        assert.deepEqual([shared, inUse, (await subject.engine.api.snapshots.list()).length], [2, 2, 0]);
        await subject.driver.prepareImage(image);
        await subject.driver.remove((await startListening(subject, image)).id, 0);
      });

      it('unpacks a forgotten image again for the first sandbox that starts from it', async () => {
        verifies('images:water-marks-unpacked');
        const before = Date.now();
        await subject.driver.forgetImage(image);
        await subject.engine.api.leases.collect();
        const forgotten = await subject.driver.lastUseOfImage(image);

        const sandbox = await startListening(subject, image);

        assert.deepEqual([forgotten, await runInside(sandbox, 'return 1')], [undefined, 1]);
        assert.ok(((await subject.driver.lastUseOfImage(image)) ?? 0) >= before);
        await subject.driver.remove(sandbox.id, 0);
      });

      it('takes a sandbox whose process a killed server had not started for none, and removes it', async () => {
        verifies('sessions:adoption');
        const { tasks } = subject.engine.api;
        const { start } = tasks;
        const created = Promise.withResolvers<void>();
        const killed = Promise.withResolvers<never>();
        Object.assign(tasks, { start: () => (created.resolve(), killed.promise) });
        const spec = newSpec(subject, image);
        const starting = assert.rejects(subject.driver.start(spec));
        await created.promise;
        Object.assign(tasks, { start });
        await using next = await subject.reopen();

        assert.deepEqual(await next.list(), []);
        const report = await next.sweep(new Set());

        assert.equal(report.repaired['container'], 1);
        assert.deepEqual(tracesOf(spec.id), []);
        killed.reject(new Error('The server was killed.'));
        await starting;
      });

      it('ends a shim that containerd has forgotten, and no other', async () => {
        verifies('sandboxes:no-leaks');
        const { engine } = subject;
        const sandbox = await startListening(subject, image);
        const args = ['-namespace', engine.namespace, '-id', 'sb-forgotten', '-address', engine.socketPath];
        const forgotten = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', ...args], {
          argv0: '/usr/bin/containerd-shim-runc-v2',
        });
        await once(forgotten, 'spawn');
        const ended = once(forgotten, 'exit');

        const report = await subject.driver.sweep(new Set([sandbox.id]));

        assert.equal(report.repaired['shim'], 1);
        await ended;
        assert.equal(await runInside(sandbox, 'return 1'), 1);
        await subject.driver.remove(sandbox.id, 0);
      });

      it('clears away what a crash left of an unpacking', async () => {
        const { api } = subject.engine;
        await api.leases.create('unpack-crashed', Date.now() + 3_600_000);
        await api.snapshots.prepare('unpack-half', '', { lease: 'unpack-crashed' });

        const report = await subject.driver.sweep(new Set());

        assert.equal(report.repaired['snapshot'], 1);
        assert.ok(!(await api.leases.list()).includes('unpack-crashed'));
      });

      function daemonPid(): number {
        const { daemonPid: pid } = subject.engine;
        assert.ok(pid !== undefined);
        return pid;
      }

      /** Mounts, control groups, files and processes that still name the sandbox. */
      function tracesOf(id: string): readonly string[] {
        const { engine } = subject;
        const mounts = readFileSync('/proc/self/mounts', 'utf8')
          .split('\n')
          .filter((line) => line.includes(id));
        const groups = ['', ...readdirSync('/sys/fs/cgroup')]
          .map((name) => `/sys/fs/cgroup/${name}/berth-${engine.serverTag}/${id}`)
          .filter((path) => existsSync(path));
        const files = [
          `${engine.runDir}/sandboxes/${id}`,
          ...runscStates(engine).filter((path) => path.includes(id)),
          `${engine.runDir}/state/io.containerd.runtime.v2.task/${engine.namespace}/${id}`,
        ];
        return [
          ...mounts,
          ...groups,
          ...files.filter((path) => existsSync(path)),
          ...processesOf(id).map(String),
        ];
      }

      function shimPid(id: string): number {
        const pid = processesOf(id).find((one) =>
          readFileSync(`/proc/${one}/cmdline`, 'utf8').split('\0')[0]?.endsWith('containerd-shim-runc-v2'),
        );
        assert.ok(pid !== undefined);
        return pid;
      }
    },
  );
}

function runscStates({ runDir, namespace }: ContainerdUnderTest['engine']): readonly string[] {
  const dir = `${runDir}/runsc/${namespace}`;
  return existsSync(dir) ? readdirSync(dir).map((name) => `${dir}/${name}`) : [];
}

/** Those with the sandbox's id among their arguments: its shim, and gVisor's. */
function processesOf(id: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(id);
      } catch {
        return false;
      }
    })
    .map(Number);
}
