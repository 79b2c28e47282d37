import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TagResourceCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { hostPlatform } from '../../src/images/platform.ts';
import { openOtherRegistry, type OtherRegistry } from '../../src/images/testing/other-registry.ts';
import { makeSampleIndex, writeLayout } from '../../src/images/testing/sample-image.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { registerEmulator } from '../fixture/emulator.ts';
import { makeSmallAgent } from '../fixture/small-agent.ts';
import { verifies } from '../requirements.ts';

const own = hostPlatform().architecture === 'arm64' ? 'arm64' : 'amd64';
const foreign = own === 'arm64' ? 'amd64' : 'arm64';

describe('an image for another machine', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let registry: OtherRegistry;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-foreign-'));
    registry = await openOtherRegistry();
    berth = await BerthFixture.start();
  });

  after(async () => {
    await berth.destroy();
    await registry[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  async function architectureOf(name: string, uri: string): Promise<unknown> {
    const runtime = await berth.agents.create(berth.settings(name, uri));
    const answer: object = await berth.agents.invoke(runtime, randomUUID(), {});
    return 'architecture' in answer && answer.architecture;
  }

  it('runs emulated, where the kernel can, and berth deploy says what that costs', async () => {
    verifies('images:emulation');
    await using _emulator = await registerEmulator(foreign);
    const image = await makeSmallAgent(foreign);
    registry.addImage('foreign', image);
    assert.equal(await architectureOf('pulled', `${registry.host}/app:foreign`), foreign);

    await writeLayout(folder, image.manifest, image.blobs);
    const { stderr } = await berth.cli('deploy', `oci:${folder}`, '--name', 'pushed');
    assert.match(
      stderr,
      new RegExp(`^warning: The image is for linux/${foreign} and runs emulated on this linux/${own}`, 'm'),
    );
  });

  it("follows the runtime's isolation, not the server's", async () => {
    verifies('images:emulation-isolation');
    await using _emulator = await registerEmulator(foreign);
    registry.addImage('walled', await makeSmallAgent(foreign));
    const uri = `${registry.host}/app:walled`;
    const gvisor = { tags: { 'berth:isolation': 'gvisor' } };

    await assert.rejects(
      berth.agents.create({ ...berth.settings('walled', uri), ...gvisor }),
      new RegExp(`CREATE_FAILED: .*it offers linux/${foreign}.*, this server runs linux/${own}\\.`),
    );
    const runtime = await berth.agents.create(berth.settings('open', uri));
    await berth.control.send(new TagResourceCommand({ resourceArn: runtime.arn, ...gvisor }));

    await assert.rejects(
      berth.agents.invoke(runtime, randomUUID(), {}),
      new RegExp(`it is for linux/${foreign}, which only the kernel .* 'gvisor' have a kernel of their own`),
    );
  });

  it('is left alone when the index offers this one as well', async () => {
    verifies('images:emulation', 'images:platform');
    await using _emulator = await registerEmulator(foreign);
    const images = [await makeSmallAgent(foreign), await makeSmallAgent(own)];
    for (const [at, image] of images.entries()) registry.addImage(`part-${at}`, image);
    const platforms = [foreign, own].map((architecture) => ({ os: 'linux', architecture }));
    const parts = images.flatMap((image, at) => {
      const platform = platforms[at];
      return platform === undefined ? [] : [{ image, platform }];
    });
    registry.add('both', makeSampleIndex(parts));

    assert.equal(await architectureOf('both', `${registry.host}/app:both`), own);
  });
});
