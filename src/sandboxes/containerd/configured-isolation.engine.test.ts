import assert from 'node:assert/strict';
import { copyFile, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { runInside } from '../testing/agent-client.ts';
import { putAgentLayers } from '../testing/agent-image.ts';
import { type ContainerdUnderTest, openContainerdUnderTest } from '../testing/containerd-under-test.ts';
import { newSpec, startListening } from '../testing/driver-under-test.ts';

describe('An OCI runtime that the operator names', { timeout: 120_000 }, () => {
  let subject: ContainerdUnderTest;

  before(async () => {
    subject = await openContainerdUnderTest(undefined, 'second', (home) => [
      {
        name: 'second',
        runtime: join(home, 'another-runtime'),
        shim: undefined,
        config: undefined,
        annotations: { 'org.example.note': 'kept' },
        kernel: 'host',
      },
      {
        name: 'third',
        runtime: undefined,
        shim: join(home, 'containerd-shim-another-v1'),
        config: undefined,
        annotations: {},
        kernel: 'host',
      },
    ]);
  });
  after(() => subject.close());

  it('starts sandboxes once it is there, and says until then what is missing', async () => {
    verifies('isolation:configured');
    const image = await (await putAgentLayers(subject.blobs)).make();
    await subject.driver.prepareImage(image);
    await assert.rejects(subject.driver.start(newSpec(subject, image)), /another-runtime.*not there/);
    assert.ok(!(await subject.driver.inspectEngine()).isolations.includes('second'));
    const runc = await subject.engine.programs.find('runc');
    assert.ok(runc !== undefined);
    await copyFile(runc.path, join(subject.home, 'another-runtime'));

    const sandbox = await startListening(subject, image);

    assert.ok((await subject.driver.inspectEngine()).isolations.includes('second'));
    assert.equal(sandbox.isolation, 'second');
    assert.equal(await runInside(sandbox, 'return 1'), 1);
    const spec = (await subject.engine.api.containers.findWithSpec(sandbox.id))?.spec;
    assert.partialDeepStrictEqual(spec, { annotations: { 'org.example.note': 'kept' } });
    await using program = await subject.driver.exec(sandbox.id, { args: ['sleep', '1000'] });
    await program.kill('SIGKILL');
    assert.equal(await program.exit, 137);
    await subject.driver.remove(sandbox.id, 0);
    assert.deepEqual(await subject.driver.list(), []);
  });

  it('may be one that a shim of its own runs', async () => {
    verifies('isolation:configured');
    const image = await (await putAgentLayers(subject.blobs)).make();
    await subject.driver.prepareImage(image);
    const ofShim = { ...subject, isolation: 'third' };
    await assert.rejects(
      subject.driver.start(newSpec(ofShim, image)),
      /containerd-shim-another-v1.*not there/,
    );
    const shim = await subject.engine.programs.find('containerd-shim-runc-v2');
    assert.ok(shim !== undefined);
    const copy = join(subject.home, 'containerd-shim-another-v1');
    await copyFile(shim.path, copy);

    const sandbox = await startListening(ofShim, image);

    assert.equal(sandbox.isolation, 'third');
    assert.equal(await runInside(sandbox, 'return 1'), 1);
    assert.ok((await programsRunning()).includes(copy));
    await using program = await subject.driver.exec(sandbox.id, { args: ['sleep', '1000'] });
    await program.kill('SIGKILL');
    assert.equal(await program.exit, 137);
    await subject.driver.remove(sandbox.id, 0);
    assert.deepEqual(await subject.driver.list(), []);
    assert.ok(!(await programsRunning()).includes(copy));
  });
});

/** Their files, as the kernel names them. */
async function programsRunning(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // One that ends meanwhile, or a thread of the kernel, has none.
  return Promise.all(pids.map((pid) => readlink(`/proc/${pid}/exe`).catch(() => '')));
}
