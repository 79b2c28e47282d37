import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { Digest } from '../../images/digest.ts';
import type { VolumeId } from '../../shared/ids.ts';
import { runInside } from '../testing/agent-client.ts';
import { putImage, putLayer } from '../testing/image-builder.ts';
import { type AgentImages, putAgentLayers } from '../testing/agent-image.ts';
import { type ContainerdUnderTest, openContainerdUnderTest } from '../testing/containerd-under-test.ts';
import { newSpec, startListening } from '../testing/driver-under-test.ts';
import { mountPoints } from './disks/kernel-disks.ts';

const mebibyte = 1024 * 1024;
const write = (text: string) =>
  `const fs = await load('node:fs'); fs.writeFileSync('/mnt/data/note', '${text}')`;
const read = `const fs = await load('node:fs'); return fs.readFileSync('/mnt/data/note', 'utf8')`;

describe("A session's storage in a sandbox", { timeout: 300_000 }, () => {
  let subject: ContainerdUnderTest;
  let images: AgentImages;
  let image: Digest;

  before(async () => {
    subject = await openContainerdUnderTest();
    images = await putAgentLayers(subject.blobs);
    image = await images.make();
    await subject.driver.prepareImage(image);
  });
  after(() => subject.close());

  const storageOf = (volume: VolumeId) => ({ storage: { volume, mountPath: '/mnt/data' } });

  it("belongs to the image's user, is of its own size, and comes back in the next sandbox", async () => {
    verifies('session-storage:comes-back', 'session-storage:owner', 'session-storage:limit');
    const volume = await subject.volumes.create(64 * mebibyte);
    const first = await startListening(subject, image, storageOf(volume));
    await runInside(first, write('mine'));
    const seen = await runInside(
      first,
      `const fs = await load('node:fs');
       let full; try { fs.writeFileSync('/mnt/data/flood', Buffer.alloc(80 << 20)) } catch (error) { full = error.code }
       fs.rmSync('/mnt/data/flood');
       const mount = fs.readFileSync('/proc/self/mounts', 'utf8').split('\\n').find((line) => line.includes(' /mnt/data '));
       return [full, /nosuid,nodev/.test(mount), fs.statSync('/mnt/data').uid];`,
    );
    assert.deepEqual(seen, ['ENOSPC', true, 1234]);
    await subject.driver.remove(first.id, 0);
    assert.deepEqual(
      (await mountPoints(subject.home)).filter((point) => point.includes('vol-')),
      [],
    );

    const second = await startListening(subject, image, storageOf(volume));
    assert.equal(await runInside(second, read), 'mine');
    await subject.driver.remove(second.id, 1_000);
    await subject.volumes.remove(volume);
  });

  it('is refused to a second sandbox while the first has it', async () => {
    verifies('session-storage:once');
    const volume = await subject.volumes.create(64 * mebibyte);
    const first = await startListening(subject, image, storageOf(volume));

    const second = subject.driver.start(newSpec(subject, image, storageOf(volume)));

    await assert.rejects(second, { code: 'unavailable', message: /still in use by the sandbox/ });
    await runInside(first, write('still mine'));
    assert.equal(await runInside(first, read), 'still mine');
    await subject.driver.remove(first.id, 0);
    await subject.volumes.remove(volume);
  });

  it('stays with a sandbox that outlives its server, counts as what it takes, and is given back by the next one', async () => {
    verifies('session-storage:crash', 'session-storage:swept');
    const volume = await subject.volumes.create(64 * mebibyte);
    const sandbox = await startListening(subject, image, storageOf(volume));
    await runInside(
      sandbox,
      `const fs = await load('node:fs'); const file = fs.openSync('/mnt/data/big', 'w');
       fs.writeSync(file, Buffer.alloc(20 << 20, 1)); fs.fsyncSync(file);`,
    );

    await using next = await subject.reopen();
    await next.sweep(new Set([sandbox.id]));
    await runInside(sandbox, write('after the restart'));
    const { layerBytes = 0, storageBytes = 0 } = (await next.diskUsage()).get(sandbox.id) ?? {};
    assert.ok(storageBytes > 20 * mebibyte && layerBytes > 0 && layerBytes < 20 * mebibyte);
    await next.sweep(new Set());

    assert.deepEqual(
      (await mountPoints(subject.home)).filter((point) => point.includes('vol-')),
      [],
    );
    const again = await startListening(subject, image, storageOf(volume));
    assert.equal(await runInside(again, read), 'after the restart');
    await subject.driver.remove(again.id, 0);
    await subject.volumes.remove(volume);
  });

  it('is mounted in the sandbox, wherever a link of the image leads', async () => {
    verifies('session-storage:owner');
    const link = await putLayer(subject.blobs, [{ path: 'mnt', linkTarget: '../../../../tmp' }]);
    const linked = await putImage(subject.blobs, [...images.layers, link], {
      Cmd: ['/usr/local/bin/node', '/app/agent.mjs'],
      User: 'agent',
    });
    await subject.driver.prepareImage(linked);
    const volume = await subject.volumes.create(64 * mebibyte);

    const sandbox = await startListening(subject, linked, storageOf(volume));

    await runInside(sandbox, write('inside'));
    assert.equal(await runInside(sandbox, read), 'inside');
    await subject.driver.remove(sandbox.id, 0);
    await subject.volumes.remove(volume);
  });
});
