import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { Digest } from '../../images/digest.ts';
import { systemClock } from '../../shared/clock.ts';
import { runInside } from '../testing/agent-client.ts';
import { putAgentLayers } from '../testing/agent-image.ts';
import {
  type ContainerdUnderTest,
  enginesUnderTest,
  type EngineUnderTest,
  openContainerdUnderTest,
  programsUnderTest,
} from '../testing/containerd-under-test.ts';
import { startListening } from '../testing/driver-under-test.ts';
import { type ContainerdEngine, openContainerdEngine } from './containerd-engine.ts';

const quiet = { info() {}, warn() {}, error() {} };

for (const former of enginesUnderTest) {
  const next = former === 'system' ? 'packages' : 'system';

  describe(`A containerd of ${former} found by a server with that of ${next}`, { timeout: 120_000 }, () => {
    let subject: ContainerdUnderTest;
    let image: Digest;

    before(async () => {
      subject = await openContainerdUnderTest(former);
      image = await (await putAgentLayers(subject.blobs)).make();
      await subject.driver.prepareImage(image);
    });
    after(() => subject.close());

    it('is told apart by its description', async () => {
      verifies('engine:described');
      const { description } = await subject.driver.inspectEngine();
      const [containerd, runc, init] = await Promise.all(
        (['containerd', 'runc', 'init'] as const).map((name) => subject.engine.programs.find(name)),
      );

      assert.match(description, /^containerd v?\d+\.\d+\.\d+\S* \(private, \/\S+\), runc \d+\.\d+\.\d+ \(/);
      for (const found of [containerd, runc, init]) {
        assert.equal(found?.source === 'system', former === 'system');
        assert.ok(description.includes(found?.path ?? 'none'), description);
      }
    });

    it('goes on while it has a sandbox', async () => {
      verifies('engine:replaced');
      const pid = subject.engine.daemonPid;
      const sandbox = await startListening(subject, image);

      await using engine = await openAgain(subject, next);

      assert.equal(engine.daemonPid, pid);
      assert.equal(await runInside(sandbox, 'return 1'), 1);
      await subject.driver.remove(sandbox.id, 0);
    });

    it('is replaced when it has none, and its images are there and start', async () => {
      verifies('engine:replaced');
      const pid = subject.engine.daemonPid;
      const version = await subject.engine.api.system.version();

      {
        await using engine = await openAgain(subject, next);
        assert.notEqual(engine.daemonPid, pid);
        assert.notEqual(await engine.api.system.version(), version);
        assert.ok(await engine.blobs.find(image));
      }

      const sandbox = await startListening(subject, image);
      assert.equal(await runInside(sandbox, 'return 2'), 2);
      await subject.driver.remove(sandbox.id, 0);
    });
  });
}

describe('A containerd that was killed with a sandbox', { timeout: 120_000 }, () => {
  it('is followed by a newer one, which has the sandbox from then on', async () => {
    verifies('engine:replaced');
    await using stack = new AsyncDisposableStack();
    const subject = stack.adopt(await openContainerdUnderTest('system'), (opened) => opened.close());
    const image = await (await putAgentLayers(subject.blobs)).make();
    await subject.driver.prepareImage(image);
    const version = await subject.engine.api.system.version();
    const sandbox = await startListening(subject, image);
    const exit = subject.driver.waitForExit(sandbox.id);

    await subject.install('packages');
    process.kill(subject.engine.daemonPid ?? 0, 'SIGKILL');

    const another = await startListening(subject, image);
    assert.notEqual(await subject.engine.api.system.version(), version);
    assert.equal(await runInside(sandbox, 'return 1'), 1);
    assert.equal((await subject.driver.list()).length, 2);
    await Promise.all([subject.driver.remove(sandbox.id, 5_000), subject.driver.remove(another.id, 0)]);
    assert.equal((await exit).exitCode, 143);
    assert.deepEqual(await subject.engine.api.containers.list(), []);
  });

  it('is not followed by an older one, which would end the sandbox', async () => {
    verifies('engine:no-step-back');
    await using stack = new AsyncDisposableStack();
    const subject = stack.adopt(await openContainerdUnderTest('packages'), (opened) => opened.close());
    const image = await (await putAgentLayers(subject.blobs)).make();
    await subject.driver.prepareImage(image);
    const sandbox = await startListening(subject, image);
    await subject.install('system');
    process.kill(subject.engine.daemonPid ?? 0, 'SIGKILL');

    await assert.rejects(openAgain(subject, 'system'), {
      code: 'unavailable',
      message: /under containerd v?2\..*is containerd 1\..*cannot take them over/,
    });

    assert.equal(await runInside(sandbox, 'return 1'), 1);
    await subject.install('packages');
    await subject.driver.remove(sandbox.id, 0);
  });
});

async function openAgain(
  { home, engine }: ContainerdUnderTest,
  which: EngineUnderTest,
): Promise<ContainerdEngine> {
  return openContainerdEngine({
    home,
    serverTag: engine.serverTag,
    containerdSocket: undefined,
    runDir: engine.runDir.slice(0, engine.runDir.lastIndexOf('/')),
    programs: await programsUnderTest(which),
    clock: systemClock,
    log: quiet,
  });
}
