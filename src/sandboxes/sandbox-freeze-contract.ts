import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { verifies } from '../../test/requirements.ts';
import type { Digest } from '../images/digest.ts';
import { BerthError } from '../shared/errors.ts';
import { newSandboxId, type SandboxId, systemRandom } from '../shared/ids.ts';
import { runInside } from './testing/agent-client.ts';
import { putAgentLayers } from './testing/agent-image.ts';
import { type DriverUnderTest, startListening } from './testing/driver-under-test.ts';

/** What every driver must do with sandboxes that are frozen, on a real engine. */
export function describeSandboxFreeze(name: string, open: () => Promise<DriverUnderTest>): void {
  describe(`A frozen sandbox of ${name}`, { timeout: 180_000 }, () => {
    let subject: DriverUnderTest;
    let image: Digest;

    before(async () => {
      subject = await open();
      image = await (await putAgentLayers(subject.blobs)).make();
      await subject.driver.prepareImage(image);
    });
    after(() => subject.close());

    const isPaused = async (id: SandboxId) =>
      (await subject.driver.list()).find((sandbox) => sandbox.id === id)?.isPaused;

    it('does nothing and answers nothing until it is thawed, and has lost nothing then', async () => {
      verifies('freeze:driver');
      const sandbox = await startListening(subject, image);
      await runInside(
        sandbox,
        'globalThis.kept = 41; setInterval(() => { const until = Date.now() + 8; while (Date.now() < until); }, 16)',
      );

      await subject.driver.pause(sandbox.id);
      await subject.driver.pause(sandbox.id);
      assert.equal(await isPaused(sandbox.id), true);
      const before = (await subject.driver.usage()).get(sandbox.id);
      const answer = runInside(sandbox, 'return kept + 1');
      const first = await Promise.race([answer, wait(500, 'nothing')]);
      const after = (await subject.driver.usage()).get(sandbox.id);
      await subject.driver.resume(sandbox.id);
      await subject.driver.resume(sandbox.id);

      assert.equal(first, 'nothing');
      assert.ok(before !== undefined && after !== undefined && before.memoryBytes > 0);
      assert.equal(after.cpuMs, before.cpuMs);
      assert.equal(await answer, 42);
      assert.equal(await isPaused(sandbox.id), false);
      await subject.driver.remove(sandbox.id, 0);
    });

    it('is known to be frozen by another process, which can thaw it', async () => {
      verifies('freeze:adoption');
      const sandbox = await startListening(subject, image);
      await subject.driver.pause(sandbox.id);
      await using other = await subject.reopen();

      const listed = await other.list();
      await other.resume(sandbox.id);

      assert.deepEqual(listed, [{ ...sandbox, isPaused: true, hasExited: false }]);
      assert.equal(await runInside(sandbox, 'return 1'), 1);
      await subject.driver.remove(sandbox.id, 0);
    });

    it('gets the grace of a removal, and can be killed', async () => {
      verifies('freeze:end');
      const [tidy, hard] = await Promise.all([
        startListening(subject, image),
        startListening(subject, image),
      ]);
      await runInside(tidy, `process.on('SIGTERM', () => setTimeout(() => process.exit(7), 50))`);
      await Promise.all([subject.driver.pause(tidy.id), subject.driver.pause(hard.id)]);
      const exit = subject.driver.waitForExit(tidy.id);

      await Promise.all([subject.driver.remove(tidy.id, 60_000), subject.driver.remove(hard.id, 0)]);

      assert.equal((await exit).exitCode, 7);
      assert.deepEqual(await subject.driver.list(), []);
    });

    it('is not made of what is not there', async () => {
      const id = newSandboxId(systemRandom);
      const isUnknown = (error: unknown) => error instanceof BerthError && error.code === 'not-found';
      await assert.rejects(subject.driver.pause(id), isUnknown);
      await assert.rejects(subject.driver.resume(id), isUnknown);
    });
  });
}
