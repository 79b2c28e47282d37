import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import { readImage } from './image-config.ts';
import { mediaTypes } from './media-types.ts';
import { MemoryBlobStore } from './testing/memory-blob-store.ts';
import {
  describe as descriptorOf,
  jsonBytes,
  makeSampleImage,
  makeSampleIndex,
  type SampleBlob,
  toBlob,
} from './testing/sample-image.ts';

async function storeOf(...blobs: readonly SampleBlob[]): Promise<MemoryBlobStore> {
  const store = new MemoryBlobStore();
  for (const { digest, bytes } of blobs) {
    await using writer = await store.openWriter(digest);
    await writer.write(bytes);
    await writer.commit(digest);
  }
  return store;
}

describe('the configuration of an image', () => {
  it('is read with its layers', async () => {
    verifies('images:config');
    const image = makeSampleImage();
    const store = await storeOf(image.manifest, ...image.blobs);

    const content = await readImage(store, image.manifest.digest);

    assert.deepEqual(content.cmd, ['/agent']);
    assert.deepEqual(content.env, ['PATH=/bin']);
    assert.deepEqual(
      [content.user, content.workingDir, content.platform.architecture],
      ['agent', '/work', 'amd64'],
    );
    assert.deepEqual(
      content.layers.map(({ digest }) => digest),
      image.layers.map(({ digest }) => digest),
    );
    assert.deepEqual(
      content.layers.map(({ compression }) => compression),
      ['gzip', 'gzip'],
    );
    assert.equal(
      content.sizeBytes,
      [image.manifest, ...image.blobs].reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    );
  });

  it('may leave everything out', async () => {
    const image = makeSampleImage({ process: {} });

    const content = await readImage(await storeOf(image.manifest, image.config), image.manifest.digest);

    assert.deepEqual([content.env, content.entrypoint, content.cmd, content.user], [[], [], [], '']);
  });

  it('is refused when it cannot be right', async () => {
    verifies('images:config');
    const refuses = async (top: SampleBlob, content: readonly SampleBlob[], problem: RegExp) => {
      const store = await storeOf(top, ...content);
      await assert.rejects(
        readImage(store, top.digest),
        (error) => error instanceof BerthError && problem.test(error.message),
      );
    };
    const image = makeSampleImage();
    const document = JSON.parse(Buffer.from(image.manifest.bytes).toString());
    const changed = (changes: object) =>
      toBlob(jsonBytes({ ...document, ...changes }), mediaTypes.ociManifest);
    const withConfig = (bytes: Uint8Array) => {
      const config = toBlob(bytes, 'application/vnd.oci.image.config.v1+json');
      return [changed({ config: descriptorOf(config) }), [config]] as const;
    };

    await refuses(makeSampleIndex([]), [], /index of several images/);
    await refuses(changed({ layers: [] }), image.blobs, /0 layers but its configuration names 2/);
    await refuses(
      changed({ layers: document.layers.map((layer: object) => ({ ...layer, mediaType: 'text/plain' })) }),
      image.blobs,
      /layer 1 is a text\/plain/,
    );
    await refuses(
      changed({ config: { ...document.config, mediaType: 'application/vnd.oci.empty.v1+json' } }),
      image.blobs,
      /not a container image/,
    );
    await refuses(image.manifest, [], /no content/);
    await refuses(...withConfig(Buffer.from('{')), /not JSON/);
    await refuses(...withConfig(Buffer.from('{}')), /wrong at architecture/);
    for (const process of [
      { Env: ['=x'] },
      { Cmd: ['a\0b'] },
      { WorkingDir: '../up' },
      { Entrypoint: 'sh' },
    ]) {
      const broken = makeSampleImage({ process });
      await refuses(broken.manifest, broken.blobs, /wrong at config/);
    }
  });
});
