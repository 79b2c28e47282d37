import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../../../test/requirements.ts';
import type { RunningSandbox } from '../../sandbox-driver.ts';
import { putAgentLayers } from '../../testing/agent-image.ts';
import { type ContainerdUnderTest, openContainerdUnderTest } from '../../testing/containerd-under-test.ts';
import { startListening } from '../../testing/driver-under-test.ts';

describe('Programs in the sandboxes of containerd', { timeout: 120_000 }, () => {
  let subject: ContainerdUnderTest;
  let sandbox: RunningSandbox;
  let dir: string;

  before(async () => {
    subject = await openContainerdUnderTest();
    const image = await (await putAgentLayers(subject.blobs)).make();
    await subject.driver.prepareImage(image);
    sandbox = await startListening(subject, image);
    dir = join(subject.engine.runDir, 'execs', sandbox.id);
  });
  after(() => subject.close());

  it('have FIFOs that only root reaches, under a name that nobody guesses, and leave none', async () => {
    verifies('sandboxes:exec-files');
    const program = await subject.driver.exec(sandbox.id, { args: ['sleep', '1000'] });

    const [name = ''] = await readdir(dir);
    assert.match(name, /^exec-[A-Za-z0-9]{24}$/);
    assert.equal((await stat(join(dir, name))).mode & 0o777, 0o700);
    for (const fifo of ['stdin', 'stdout', 'stderr']) {
      const found = await stat(join(dir, name, fifo));
      assert.deepEqual([found.isFIFO(), found.mode & 0o777, found.uid], [true, 0o600, 0]);
    }
    await program[Symbol.asyncDispose]();
    await assert.rejects(subject.driver.exec(sandbox.id, { args: ['no-such-program'] }));

    assert.deepEqual(await readdir(dir), []);
    await subject.driver.remove(sandbox.id, 0);
    await assert.rejects(readdir(dir), { code: 'ENOENT' });
  });

  it('of a server that was killed are ended by the next one, which leaves its own alone', async () => {
    verifies('sandboxes:exec-kill');
    const image = await (await putAgentLayers(subject.blobs)).make();
    const other = await startListening(subject, image);
    await using lost = await subject.driver.exec(other.id, { args: ['sleep', '1000'] });
    await using next = await subject.reopen();
    await using own = await next.exec(other.id, { args: ['sleep', '2000'] });

    const report = await next.sweep(new Set([other.id]));

    assert.equal(report.repaired['exec'], 1);
    assert.equal(await lost.exit, 137);
    const list = `const fs = require('node:fs'); for (const pid of fs.readdirSync('/proc')) if (/^\\d+$/.test(pid))
      console.log(fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0').join(' '))`;
    await using seen = await next.exec(other.id, { args: ['node', '-e', list] });
    const running = await text(seen.stdout);
    assert.ok(running.includes('sleep 2000'));
    assert.ok(!running.includes('sleep 1000'));
    await own[Symbol.asyncDispose]();
    assert.equal((await next.sweep(new Set([other.id]))).repaired['exec'], 0);
  });
});
