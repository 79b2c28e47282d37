import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { createImageResolver } from '../../images/image-resolver.ts';
import { ImagePuller } from '../../images/pull/image-puller.ts';
import { RegistryTransport } from '../../images/pull/registry-transport.ts';
import { makeSampleImage, makeSampleIndex } from '../../images/testing/sample-image.ts';
import { openTestImages, type TestImages } from '../../images/testing/sql-images.ts';
import { BerthError } from '../../shared/errors.ts';
import { systemRandom } from '../../shared/ids.ts';
import { type ListeningRegistry, listenWithRegistry } from './testing/listening-registry.ts';
import { pushImage, putManifest } from './testing/registry-content.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };

describe('resolving a container URI', () => {
  let registry: ListeningRegistry;
  let elsewhere: TestImages;
  const transport = new RegistryTransport();
  const image = makeSampleImage();
  const foreign = makeSampleImage({ platform: arm64, files: ['arm'] });
  const index = makeSampleIndex([
    { image: foreign, platform: arm64 },
    { image, platform: amd64 },
  ]);
  before(async () => {
    registry = await listenWithRegistry();
    elsewhere = await openTestImages();
    await pushImage(registry, 'team/agent', 'amd', image);
    await pushImage(registry, 'team/agent', 'arm', foreign);
    await putManifest(registry, 'team/agent', 'v1', index);
  });
  after(async () => {
    await transport[Symbol.asyncDispose]();
    await elsewhere[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
  const resolverOf = (images: TestImages, port: number, password = registry.admin.slice('AWS:'.length)) =>
    createImageResolver({
      ...images,
      localNames: {
        accountId: '123456789012',
        publicUrl: `http://127.0.0.1:${port}`,
        listen: { host: '127.0.0.1', port },
      },
      platformsOf: async () => [amd64],
      puller: new ImagePuller({
        ...images,
        uploads: images.uploadStore,
        credentials: { find: async () => ({ username: 'AWS', password }) },
        dockerConfigFile: undefined,
        registryFolders: [],
        transport,
        platformsOf: async () => [amd64],
        random: systemRandom,
        events: { imagePulled: () => {} },
        maxImageBytes: 2 ** 30,
      }),
    });
  const own = () => resolverOf(registry.images, Number(registry.host.split(':')[1]));
  const expected = { manifest: image.manifest.digest, platform: 'linux/amd64', isWhole: true };

  it('finds an image of its own registry under every name, and pins the platform manifest', async () => {
    verifies('images:reference', 'images:platform');
    const uris = [
      `${registry.host}/team/agent:v1`,
      `${registry.host}/team/agent@${index.digest}`,
      `${registry.host}/team/agent:amd`,
      '123456789012.dkr.ecr.us-west-2.amazonaws.com/team/agent:v1',
    ];

    for (const uri of uris) {
      const { sizeBytes, reference, ...resolved } = await own().resolve(uri);
      assert.deepEqual(resolved, expected);
      assert.ok(reference.endsWith(`/team/agent@${image.manifest.digest}`), reference);
      assert.ok(sizeBytes > 0);
    }
  });

  it('says what is missing', async () => {
    verifies('images:platform', 'images:reference');
    const refuses = (uri: string, code: string, message: RegExp) =>
      assert.rejects(
        own().resolve(uri),
        (error) => error instanceof BerthError && error.code === code && message.test(error.message),
      );

    await refuses(`${registry.host}/nothing:v1`, 'not-found', /no repository nothing/);
    await refuses(`${registry.host}/team/agent:v9`, 'not-found', /has no image v9/);
    await refuses(
      `${registry.host}/team/agent:arm`,
      'validation',
      /offers linux\/arm64, this server runs linux\/amd64/,
    );
    await refuses('not an image', 'validation', /not a container URI/);
  });

  it('pulls from another registry like this one, with its token flow', async () => {
    verifies('images:pull', 'images:login');
    const phases = new Set<string>();

    const { sizeBytes, reference, ...resolved } = await resolverOf(elsewhere, 1).resolve(
      `${registry.host}/team/agent:v1`,
      {
        onProgress: ({ phase }) => phases.add(phase),
      },
    );
    elsewhere.blobs.collect();

    assert.deepEqual(resolved, expected);
    assert.equal(reference, `${registry.host}/team/agent@${image.manifest.digest}`);
    assert.ok(sizeBytes > 0);
    assert.deepEqual([...phases], ['resolving', 'pulling']);
    assert.deepEqual(
      elsewhere.blobs.digests.toSorted(),
      [image.manifest, ...image.blobs].map(({ digest }) => digest).toSorted(),
    );
  });

  it('is refused by another registry when its log-in is wrong', async () => {
    verifies('images:credentials');
    await using empty = await openTestImages();
    const resolving = resolverOf(empty, 1, 'guess').resolve(`${registry.host}/team/agent:v1`);

    await assert.rejects(resolving, (error) => error instanceof BerthError && error.code === 'access-denied');
    assert.deepEqual(empty.blobs.digests, []);
  });

  it('had no failures that nobody expected', () => {
    assert.deepEqual(registry.unexpected, []);
  });
});
