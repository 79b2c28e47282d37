import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { Digest } from './digest.ts';
import {
  makeSampleImage,
  makeSampleIndex,
  type SampleBlob,
  type SampleImage,
  toBlob,
} from './testing/sample-image.ts';
import { openTestImages, type TestImages } from './testing/sql-images.ts';

const hourMs = 3_600_000;

describe('the collector of images', () => {
  let images: TestImages;
  beforeEach(async () => {
    images = await openTestImages();
  });
  afterEach(() => images[Symbol.asyncDispose]());
  const collect = async (...inUse: Digest[]) => {
    const report = await images.collector({ manifestsInUse: async () => new Set(inUse) }).collect();
    images.blobs.collect();
    return report;
  };
  const has = async (...blobs: SampleBlob[]) =>
    (await Promise.all(blobs.map(({ digest }) => images.blobs.find(digest)))).map(
      (info) => info !== undefined,
    );

  it('leaves tagged images alone, however old', async () => {
    verifies('images:collection');
    const image = makeSampleImage();
    await push(images, 'app', 'v1', image);
    images.clock.nowMs += 1000 * 24 * hourMs;

    await collect();

    assert.deepEqual(await has(image.manifest, ...image.blobs), [true, true, true, true]);
  });

  it('gives up nothing once another server is in charge', async () => {
    verifies('restart:one-decides');
    const [old, next] = [makeSampleImage({ files: ['old'] }), makeSampleImage({ files: ['new'] })];
    await push(images, 'app', 'v1', old);
    await push(images, 'app', 'v1', next);
    images.clock.nowMs += 1000 * 24 * hourMs;
    const inUse = { manifestsInUse: async () => new Set<string>() };

    const report = await images.collector(inUse, () => false).collect();

    assert.deepEqual(Object.values(report), [0, 0, 0, 0]);
    const taken = await images.collector(inUse).collect();
    assert.equal(taken.manifestsRemoved, 1);
  });

  it('keeps an image that lost its tag for a week, then frees what no other needs', async () => {
    verifies('images:collection');
    const [old, next] = [
      makeSampleImage({ files: ['base', 'old'] }),
      makeSampleImage({ files: ['base', 'new'] }),
    ];
    await push(images, 'app', 'v1', old);
    images.clock.nowMs += 1000 * 24 * hourMs;
    await push(images, 'app', 'v1', next);

    images.clock.nowMs += 6 * 24 * hourMs;
    await collect();
    const kept = await has(old.manifest);
    images.clock.nowMs += 2 * 24 * hourMs;
    const report = await collect();
    images.clock.nowMs += 25 * hourMs;
    await collect();

    assert.deepEqual(kept, [true]);
    assert.equal(report.manifestsRemoved, 1);
    assert.deepEqual(await has(old.manifest, old.config, ...old.layers), [false, false, true, false]);
    assert.deepEqual(await has(next.manifest, ...next.blobs), [true, true, true, true]);
  });

  it('never touches what a version runs, even when it was deleted from its repository', async () => {
    verifies('images:collection');
    const image = makeSampleImage();
    await push(images, 'app', 'v1', image);
    await images.kept.keep(image.manifest.digest);
    await images.repositories.removeManifest('app', image.manifest.digest);
    images.clock.nowMs += 30 * 24 * hourMs;

    await collect(image.manifest.digest);
    const inUse = await has(image.manifest, ...image.blobs);
    await collect();

    assert.deepEqual(inUse, [true, true, true, true]);
    assert.deepEqual(await has(image.manifest, ...image.blobs), [false, false, false, false]);
  });

  it('gives blobs a day to wait for their manifest, counted from the last time a push asked for them', async () => {
    verifies('images:collection');
    const blob = toBlob(Buffer.from('early'), 'x/y');
    await upload(images, 'app', blob);

    images.clock.nowMs += 20 * hourMs;
    await images.repositories.confirmBlob('app', blob.digest);
    images.clock.nowMs += 20 * hourMs;
    await collect();
    const kept = await has(blob);
    images.clock.nowMs += 5 * hourMs;
    const report = await collect();

    assert.deepEqual(kept, [true]);
    assert.deepEqual([report.blobsUnlinked, report.digestsReleased], [1, 1]);
    assert.deepEqual(await has(blob), [false]);
  });

  it('keeps the images of an index and what describes a tagged image', async () => {
    verifies('images:collection', 'images:referrers');
    const image = makeSampleImage();
    await push(images, 'app', image.manifest.digest, image);
    const index = makeSampleIndex([{ image, platform: { os: 'linux', architecture: 'amd64' } }]);
    await images.repositories.putManifest('app', 'all', index.bytes, index.mediaType);
    const signature = makeSampleImage({ files: ['signature'] });
    const document = JSON.parse(Buffer.from(signature.manifest.bytes).toString());
    const subject = { mediaType: index.mediaType, digest: index.digest, size: index.bytes.byteLength };
    const manifest = toBlob(
      Buffer.from(JSON.stringify({ ...document, subject })),
      signature.manifest.mediaType,
    );
    for (const blob of signature.blobs) await upload(images, 'app', blob);
    await images.repositories.putManifest('app', manifest.digest, manifest.bytes, manifest.mediaType);

    images.clock.nowMs += 30 * 24 * hourMs;
    const report = await collect();

    assert.equal(report.manifestsRemoved, 0);
    assert.deepEqual(await has(image.manifest, index, manifest, signature.config), [true, true, true, true]);
  });

  it('gives up uploads that nobody continued for a day', async () => {
    verifies('images:collection');
    const uploadId = await images.uploads.begin('app');
    const target = { repository: 'app', uploadId };
    await images.uploads.append(target, { body: bodyOf(Buffer.from('part')) });
    images.clock.nowMs += 20 * hourMs;
    await images.uploads.append(target, { body: bodyOf(Buffer.from('more')) });

    images.clock.nowMs += 20 * hourMs;
    await collect();
    const open = images.blobs.openUploads.length;
    images.clock.nowMs += 5 * hourMs;
    const report = await collect();

    assert.deepEqual([open, report.uploadsAborted, images.blobs.openUploads.length], [1, 1, 0]);
    await assert.rejects(images.uploads.offset(target), /no such upload/);
  });

  it('continues an upload after a restart', async () => {
    verifies('images:upload');
    const blob = toBlob(Buffer.from('before after'), 'x/y');
    const target = { repository: 'app', uploadId: await images.uploads.begin('app') };
    await images.uploads.append(target, { body: bodyOf(blob.bytes.subarray(0, 6)) });

    const restarted = images.restartUploads();
    const offset = await restarted.offset(target);
    await restarted.finish(target, blob.digest, { body: bodyOf(blob.bytes.subarray(6)) });

    assert.equal(offset, 6);
    assert.deepEqual(await has(blob), [true]);
  });

  it('lists tagged images with their size', async () => {
    const image = makeSampleImage();
    await push(images, 'app', 'v1', image);
    await push(images, 'bar', 'v2', image);
    const sizeBytes = [image.manifest, ...image.blobs].reduce((sum, { bytes }) => sum + bytes.byteLength, 0);

    const all = await images.store.listImages({ repository: '', tag: '' }, 10);
    const rest = await images.store.listImages({ repository: 'app', tag: 'v1' }, 10);

    assert.deepEqual(
      all.map(({ repository, tag }) => [repository, tag]),
      [
        ['app', 'v1'],
        ['bar', 'v2'],
      ],
    );
    assert.equal(all[0]?.sizeBytes, sizeBytes);
    assert.deepEqual(
      rest.map(({ repository }) => repository),
      ['bar'],
    );
  });
});

async function push(
  images: TestImages,
  repository: string,
  reference: string,
  image: SampleImage,
): Promise<void> {
  for (const blob of image.blobs) await upload(images, repository, blob);
  await images.repositories.putManifest(
    repository,
    reference,
    image.manifest.bytes,
    image.manifest.mediaType,
  );
}

async function upload(images: TestImages, repository: string, blob: SampleBlob): Promise<void> {
  const target = { repository, uploadId: await images.uploads.begin(repository) };
  await images.uploads.finish(target, blob.digest, { body: bodyOf(blob.bytes) });
}

async function* bodyOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
