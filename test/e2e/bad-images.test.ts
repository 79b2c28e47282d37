import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  CreateAgentRuntimeCommand,
  type GetAgentRuntimeCommandOutput,
  GetAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { pushImage } from '../../scripts/quickstart/push-image.ts';
import { hostPlatform } from '../../src/images/platform.ts';
import { openOtherRegistry } from '../../src/images/testing/other-registry.ts';
import { makeSampleImage, type SampleOptions, writeLayout } from '../../src/images/testing/sample-image.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

describe('images that are wrong are refused with the reason', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let good: DeployedRuntime;
  let folder: string;
  const bystander = randomUUID();
  let bootId: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-bad-images-'));
    berth = await BerthFixture.start({ BERTH_START_TIMEOUT: '20s' });
    good = await berth.deploy('hello-node', 'good');
    ({ bootId } = await berth.agents.invoke(good, bystander, {}));
  });

  after(async () => {
    await berth.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  afterEach(async () => {
    assert.equal((await berth.agents.invoke(good, bystander, {})).bootId, bootId);
  });

  it('one that does not exist, here or elsewhere', async () => {
    verifies('control:create-failed');
    const here = await createFailed('missing', berth.imageUri('no-such-image:v1'));
    assert.match(here, /no-such-image/);
    await using registry = await openOtherRegistry();
    assert.match(await createFailed('missing_elsewhere', `${registry.host}/app:v1`), /app:v1/);
  });

  it('one for other machines', async () => {
    verifies('images:platform', 'images:emulation');
    const uri = await pushSample('foreign', { platform: { os: 'linux', architecture: 's390x' } });
    assert.match(await createFailed('foreign', uri), /offers linux\/s390x.*install qemu-user-static/);
  });

  it('one with a layer that has another digest than its manifest says', async () => {
    verifies('images:pull-verified', 'images:wrong-digest');
    const image = makeSampleImage({ platform: hostPlatform(), files: ['to be forged'] });
    const [layer] = image.layers;
    assert.ok(layer);
    await using registry = await openOtherRegistry();
    registry.addImage('v1', image);
    registry.twist = ({ url }, response) => {
      if (url !== `/v2/app/blobs/${layer.digest}`) return false;
      response.end(Buffer.alloc(layer.bytes.byteLength, 'x'));
      return true;
    };
    assert.match(await createFailed('forged', `${registry.host}/app:v1`), new RegExp(layer.digest));

    const upload = await registryRequest('POST', '/v2/forged/blobs/uploads/');
    const address = new URL(upload.headers.get('location') ?? '', berth.server.url);
    address.searchParams.set('digest', layer.digest);
    const refused = await registryRequest('PUT', `${address.pathname}${address.search}`, 'other bytes');
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /DIGEST_INVALID/);
  });

  it('one whose layer cannot be unpacked', async () => {
    const image = makeSampleImage({ platform: hostPlatform(), files: ['to be replaced'] });
    const bytes = gzipSync(Buffer.from('this is no tar archive'.repeat(100)));
    const layer = {
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` as const,
      bytes,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    };
    await using registry = await openOtherRegistry();
    const manifest = Buffer.from(
      image.manifest.bytes
        .toString()
        .replaceAll(image.layers[0]?.digest ?? '', layer.digest)
        .replaceAll(`"size":${image.layers[0]?.bytes.byteLength}`, `"size":${bytes.byteLength}`),
    );
    registry.addImage('v1', {
      ...image,
      manifest: {
        digest: `sha256:${createHash('sha256').update(manifest).digest('hex')}`,
        bytes: manifest,
        mediaType: image.manifest.mediaType,
      },
      blobs: [...image.blobs, layer],
    });
    assert.match(await createFailed('no_archive', `${registry.host}/app:v1`), /unpack|layer/);
  });

  const starts: readonly (readonly [string, string, SampleOptions['process'], RegExp])[] = [
    [
      'whose entrypoint does not exist',
      'no_entrypoint',
      { Cmd: ['/no/such/program'] },
      /\/no\/such\/program/,
    ],
    ['whose entrypoint is not executable', 'not_executable', { Cmd: ['/file-0'] }, /\/file-0/],
    [
      'whose user does not exist',
      'no_user',
      { Cmd: ['/file-0'], User: 'nobody-knows-me' },
      /nobody-knows-me/,
    ],
    ['that says nothing about what to run', 'no_command', {}, /command|entrypoint/i],
  ];
  for (const [what, name, settings, reason] of starts) {
    it(`one ${what}`, async () => {
      verifies('sessions:start-fails', 'images:config');
      const uri = await pushSample(name, { platform: hostPlatform(), process: settings ?? {} });
      const created = await create(name, uri);
      if (created.status === 'CREATE_FAILED') {
        assert.match(created.failureReason ?? '', reason);
        return;
      }
      const runtime = { arn: created.agentRuntimeArn ?? '', id: created.agentRuntimeId ?? '' };
      await assert.rejects(berth.agents.invoke(runtime, randomUUID(), {}), (error) => {
        assert.ok(error instanceof Error && error.name === 'RuntimeClientError', String(error));
        assert.match(error.message, reason);
        return true;
      });
    });
  }

  async function pushSample(name: string, options: SampleOptions): Promise<string> {
    const image = makeSampleImage(options);
    const layout = join(folder, name);
    await writeLayout(layout, image.manifest, image.blobs);
    return pushImage(berth.server, layout, `${name}:v1`);
  }

  async function create(name: string, uri: string): Promise<GetAgentRuntimeCommandOutput> {
    const { control } = berth;
    const { agentRuntimeId } = await control.send(new CreateAgentRuntimeCommand(berth.settings(name, uri)));
    for (;;) {
      const state = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
      if (state.status !== 'CREATING') return state;
    }
  }

  async function createFailed(name: string, uri: string): Promise<string> {
    const state = await create(name, uri);
    assert.equal(state.status, 'CREATE_FAILED');
    return state.failureReason ?? '';
  }

  function registryRequest(method: string, path: string, body?: string): Promise<Response> {
    const { url, accessKeyId, secretAccessKey } = berth.server;
    const login = Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString('base64');
    return fetch(new URL(path, url), {
      method,
      headers: { authorization: `Basic ${login}` },
      ...(body !== undefined && { body }),
    });
  }
});
