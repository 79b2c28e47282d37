import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { Digest } from '../images/digest.ts';
import { BerthError } from '../shared/errors.ts';
import { newSandboxId, systemRandom } from '../shared/ids.ts';
import { runInside } from './testing/agent-client.ts';
import { type AgentImages, putAgentLayers } from './testing/agent-image.ts';
import { type DriverUnderTest, newSpec, startListening } from './testing/driver-under-test.ts';
import { putImage, putLayer } from './testing/image-builder.ts';

/** What every driver must do, on a real engine. */
export function describeSandboxDriver(name: string, open: () => Promise<DriverUnderTest>): void {
  describe(`${name} as a sandbox driver`, { timeout: 300_000 }, () => {
    let subject: DriverUnderTest;
    let images: AgentImages;
    let image: Digest;

    before(async () => {
      subject = await open();
      images = await putAgentLayers(subject.blobs);
      image = await images.make();
      await subject.driver.prepareImage(image);
    });
    after(() => subject.close());

    it('says what it runs on', async () => {
      const report = await subject.driver.inspectEngine();

      assert.ok(report.isolations.includes('runc'));
      assert.match(report.description, /\d/);
    });

    it('prepares an image once for all who ask, and again for nothing', async () => {
      const other = await images.make({ Labels: { purpose: 'progress' } });
      const progress: (readonly [number, number])[] = [];
      const onProgress = (done: number, total: number) => progress.push([done, total]);

      await Promise.all([
        subject.driver.prepareImage(other, { onProgress }),
        subject.driver.prepareImage(other),
        subject.driver.prepareImage(image),
      ]);

      assert.deepEqual(progress.at(-1), [2, 2]);
      await subject.driver.forgetImage(other);
      await subject.driver.forgetImage(other);
    });

    it('refuses an image that is not there, whose layers lie, or that holds nothing', async () => {
      const absent: Digest = `sha256:${'0'.repeat(64)}`;
      const lying = await putImage(subject.blobs, images.layers, {}, [absent, absent]);
      const empty = await putImage(subject.blobs, [], { Cmd: ['/agent'] });

      await assert.rejects(subject.driver.prepareImage(absent), hasCode('not-found'));
      await assert.rejects(subject.driver.prepareImage(lying), hasCode('validation'));
      await assert.rejects(subject.driver.prepareImage(empty), hasCode('validation'));
      await assert.rejects(subject.driver.start(newSpec(subject, absent)), hasCode('not-found'));
    });

    it('starts a sandbox that answers at its address and says what it is', async () => {
      verifies('sandboxes:contract');
      const spec = newSpec(subject, image);
      const before = Date.now();

      const sandbox = await subject.driver.start(spec);

      assert.equal(sandbox.id, spec.id);
      assert.deepEqual(sandbox.owner, spec.owner);
      assert.equal(sandbox.image, image);
      assert.ok(sandbox.startedAtMs >= before && sandbox.startedAtMs <= Date.now());
      await subject.driver.remove(sandbox.id, 0);
    });

    it('refuses an isolation it does not have, and a second sandbox with the same id', async () => {
      const sandbox = await startListening(subject, image);

      const unknown = subject.driver.start(newSpec(subject, image, { isolation: 'paper' }));
      await assert.rejects(unknown, hasCode('validation'));
      const second = subject.driver.start(newSpec(subject, image, { id: sandbox.id }));
      await assert.rejects(second, hasCode('conflict'));

      assert.equal(await runInside(sandbox, 'return 1'), 1);
      await subject.driver.remove(sandbox.id, 0);
    });

    it('says why an image cannot be started, and leaves nothing', async () => {
      verifies('sandboxes:image-settings');
      const cases: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
        [{ Entrypoint: ['/no/such/program'] }, /entrypoint '\/no\/such\/program' does not exist/],
        [{ Entrypoint: ['no-such-program'] }, /was not found in PATH/],
        [{ Entrypoint: ['/app/not-executable'] }, /is not executable/],
        [{ Entrypoint: [], Cmd: [] }, /neither ENTRYPOINT nor CMD/],
        [{ User: 'stranger' }, /names the user 'stranger'/],
        [{ User: 'agent:strangers' }, /names the group 'strangers'/],
      ];
      for (const [settings, message] of cases) {
        const bad = await images.make(settings);
        await subject.driver.prepareImage(bad);

        const start = subject.driver.start(newSpec(subject, bad));

        await assert.rejects(
          start,
          (error) => hasCode('runtime-client-error')(error) && message.test(String(error)),
        );
      }
      assert.deepEqual(await subject.driver.list(), []);
    });

    it('does not follow a link of an image that stands where a file system is to be mounted', async () => {
      verifies('sandboxes:image-links');
      const outside = await mkdtemp(join(tmpdir(), 'berth-outside-'));
      await writeFile(join(outside, 'ptmx'), 'of the host');
      for (const path of ['dev', 'proc', 'sys']) {
        const link = await putLayer(subject.blobs, [{ path, linkTarget: outside }]);
        const bad = await putImage(subject.blobs, [...images.layers, link], {
          Cmd: ['/usr/local/bin/node', '/app/agent.mjs'],
        });
        await subject.driver.prepareImage(bad);

        const start = subject.driver.start(newSpec(subject, bad));

        await assert.rejects(
          start,
          (error) => hasCode('runtime-client-error')(error) && String(error).includes(`/${path} is a link`),
        );
      }
      assert.deepEqual(await readdir(outside), ['ptmx']);
      assert.equal(await readFile(join(outside, 'ptmx'), 'utf8'), 'of the host');
      await rm(outside, { recursive: true });
    });

    it('leaves nothing of a start that was aborted, however far it came', async () => {
      for (const afterMs of [0, 2, 10, 30, 60]) {
        const spec = newSpec(subject, image);
        const outcome = await subject.driver
          .start(spec, AbortSignal.timeout(afterMs))
          .catch((error: unknown) => error);
        // A start that was quicker than its abort is a sandbox like any other.
        if (outcome instanceof Error) assert.equal(outcome.name, 'TimeoutError');
        else await subject.driver.remove(spec.id, 0);
      }

      assert.deepEqual(await subject.driver.list(), []);
    });

    it('writes stdout and stderr to the log file', async () => {
      verifies('sandboxes:log-file');
      const spec = newSpec(subject, image);
      const sandbox = await startListening(subject, image, spec);

      await subject.driver.remove(sandbox.id, 0);

      const log = await readFile(spec.logFile, 'utf8');
      assert.match(log, /agent has started/);
      assert.match(log, /and says so on stderr/);
    });

    it('lets another process find, await and remove what it started', async () => {
      verifies('sandboxes:labels');
      const sandbox = await startListening(subject, image);
      await using other = await subject.reopen();

      const listed = await other.list();
      const exit = other.waitForExit(sandbox.id);
      await other.remove(sandbox.id, 0);

      assert.deepEqual(listed, [{ ...sandbox, isPaused: false, hasExited: false }]);
      assert.equal((await exit).exitCode, 137);
      assert.deepEqual(await subject.driver.list(), []);
    });

    it('tells how the agent ended, also when asked later', async () => {
      const sandbox = await startListening(subject, image);
      const early = subject.driver.waitForExit(sandbox.id);

      await runInside(sandbox, 'setTimeout(() => process.exit(3), 10)');

      const exit = await early;
      assert.equal(exit.exitCode, 3);
      assert.equal(exit.outOfMemory, false);
      assert.ok(Math.abs(exit.exitedAtMs - Date.now()) < 60_000);
      assert.deepEqual(await subject.driver.waitForExit(sandbox.id), exit);
      assert.deepEqual(await subject.driver.list(), [{ ...sandbox, isPaused: false, hasExited: true }]);
      await subject.driver.remove(sandbox.id, 1_000);
    });

    it('gives up waiting when told to, and knows no exit of what is not there', async () => {
      const sandbox = await startListening(subject, image);

      const waiting = subject.driver.waitForExit(sandbox.id, AbortSignal.timeout(20));
      await assert.rejects(waiting, { name: 'TimeoutError' });
      await subject.driver.remove(sandbox.id, 0);

      await assert.rejects(subject.driver.waitForExit(sandbox.id), hasCode('not-found'));
      await assert.rejects(subject.driver.waitForExit(newSandboxId(systemRandom)), hasCode('not-found'));
    });

    it('ends an agent without a handler for SIGTERM at once', async () => {
      verifies('sandboxes:init');
      const sandbox = await startListening(subject, image);
      const exit = subject.driver.waitForExit(sandbox.id);

      await subject.driver.remove(sandbox.id, 60_000);

      assert.equal((await exit).exitCode, 143);
    });

    it('gives an agent its grace, and kills one that takes longer', async () => {
      const handler = (ms: number) => `process.on('SIGTERM', () => setTimeout(() => process.exit(7), ${ms}))`;
      const [tidy, stubborn] = await Promise.all([
        startListening(subject, image),
        startListening(subject, image),
      ]);
      await runInside(tidy, handler(50));
      await runInside(stubborn, handler(600_000));
      const exits = Promise.all([
        subject.driver.waitForExit(tidy.id),
        subject.driver.waitForExit(stubborn.id),
      ]);

      await Promise.all([subject.driver.remove(tidy.id, 60_000), subject.driver.remove(stubborn.id, 200)]);

      assert.deepEqual(
        (await exits).map(({ exitCode }) => exitCode),
        [7, 137],
      );
    });

    it('removes a sandbox once, however often it is asked, and at once when told so', async () => {
      const sandbox = await startListening(subject, image);
      await runInside(sandbox, `process.on('SIGTERM', () => {})`);

      const patient = subject.driver.remove(sandbox.id, 600_000);
      await Promise.all([patient, subject.driver.remove(sandbox.id, 0)]);
      await subject.driver.remove(sandbox.id, 1_000);
      await subject.driver.remove(newSandboxId(systemRandom), 1_000);

      assert.deepEqual(await subject.driver.list(), []);
    });

    it('sweeps away what nobody keeps, and nothing else', async () => {
      const kept = await startListening(subject, image);
      const lost = await startListening(subject, image);

      const report = await subject.driver.sweep(new Set([kept.id]));

      assert.equal(report.repaired['container'], 1);
      assert.deepEqual(await subject.driver.list(), [{ ...kept, isPaused: false, hasExited: false }]);
      assert.equal(await runInside(kept, 'return 1'), 1);
      await assert.rejects(subject.driver.waitForExit(lost.id), hasCode('not-found'));
      const again = await subject.driver.sweep(new Set([kept.id]));
      assert.deepEqual(
        Object.values(again.repaired).filter((count) => count > 0),
        [],
      );
      await subject.driver.remove(kept.id, 0);
    });
  });
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof BerthError && error.code === code;
}
