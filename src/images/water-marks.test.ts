import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { Digest } from './digest.ts';
import { digestOf } from './testing/sample-image.ts';
import { openTestImages, type TestImages } from './testing/sql-images.ts';
import { UnpackedImages } from './unpacked-images.ts';
import { WaterMarks } from './water-marks.ts';

const hourMs = 3_600_000;
const totalBytes = 1_000_000;
/** Of other things on the disk. */
const othersBytes = 500_000;

describe('the water marks of the image store', () => {
  let images: TestImages;
  const collections: { readonly freedBytes: number; readonly isBelowLow: boolean }[] = [];
  const unpacked = new Map<Digest, { readonly bytes: number; readonly usedAtMs: number }>();
  beforeEach(async () => {
    images = await openTestImages();
    collections.length = 0;
    unpacked.clear();
    isInCharge = () => true;
  });
  afterEach(() => images[Symbol.asyncDispose]());

  let isInCharge = () => true;
  const marks = (...inUse: Digest[]) =>
    new WaterMarks({
      isInCharge: () => isInCharge(),
      collector: images.collector({ manifestsInUse: async () => new Set(inUse) }),
      disk: async () => ({ usedBytes: othersBytes + (await storedBytes()) + unpackedBytes(), totalBytes }),
      reclaim: async () => images.blobs.collect(),
      unpacked: new UnpackedImages({
        images: { all: async () => [...unpacked.keys()], inUse: async () => new Set(inUse) },
        engine: {
          lastUse: async (image) => unpacked.get(image)?.usedAtMs,
          forget: async (image) => void unpacked.delete(image),
        },
        clock: images.clock,
      }),
      high: 85,
      low: 80,
      events: { imageDiskCollected: (collection) => collections.push(collection) },
      clock: images.clock,
    });

  async function storedBytes(): Promise<number> {
    const infos = await Promise.all(images.blobs.digests.map((digest) => images.blobs.find(digest)));
    return infos.reduce((sum, info) => sum + (info?.sizeBytes ?? 0), 0);
  }

  function unpackedBytes(): number {
    return [...unpacked.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** An image of a version, unpacked, that was started from last `hoursAgo`. */
  function unpackedImage(name: string, bytes: number, hoursAgo: number): Digest {
    const digest = digestOf(Buffer.from(name));
    unpacked.set(digest, { bytes, usedAtMs: images.clock.nowMs - hoursAgo * hourMs });
    return digest;
  }

  /** Content that was pulled and that no version uses (any more), unless the test says so. */
  async function pulled(bytes: number): Promise<Digest> {
    const content = randomBytes(bytes);
    const digest = digestOf(content);
    await using writer = await images.blobs.openWriter(digest);
    await writer.write(content);
    await writer.commit(digest);
    await images.kept.keep(digest);
    return digest;
  }

  const has = async (digest: Digest) => (await images.blobs.find(digest)) !== undefined;

  it('leave everything alone below the high one', async () => {
    verifies('images:water-marks');
    const old = await pulled(300_000);
    images.clock.nowMs += 100 * hourMs;

    assert.equal(await marks().check(), undefined);

    assert.ok(await has(old));
    assert.deepEqual(await marks().state(), {
      usedPercent: 80,
      high: 85,
      low: 80,
      lastCollection: undefined,
    });
  });

  it('have what was unused the longest collected first, and no more than is needed to get to the low one', async () => {
    verifies('images:water-marks');
    const oldest = await pulled(100_000);
    images.clock.nowMs += 5 * hourMs;
    const younger = await pulled(100_000);
    images.clock.nowMs += 2 * hourMs;
    const youngest = await pulled(190_000);
    const subject = marks();

    await subject.check();

    assert.deepEqual(await Promise.all([oldest, younger, youngest].map(has)), [false, true, true]);
    assert.deepEqual(collections, [
      { usedPercent: 79, freedBytes: 100_000, unpackedGivenUp: 0, isBelowLow: true },
    ]);
    assert.partialDeepStrictEqual(await subject.state(), {
      usedPercent: 79,
      lastCollection: { freedBytes: 100_000, isBelowLow: true },
    });
  });

  it('never touch what is in use or young, and say that there is no more room to be had', async () => {
    verifies('images:water-marks');
    const used = await pulled(200_000);
    images.clock.nowMs += 100 * hourMs;
    const onItsWay = await pulled(200_000);
    images.clock.nowMs += hourMs / 2;

    await marks(used).check();

    assert.deepEqual(await Promise.all([used, onItsWay].map(has)), [true, true]);
    assert.deepEqual(collections, [
      { usedPercent: 90, freedBytes: 0, unpackedGivenUp: 0, isBelowLow: false },
    ]);
  });

  it('have unpacked images given up that no endpoint serves, longest unused first, and no more than is needed', async () => {
    verifies('images:water-marks-unpacked');
    images.clock.nowMs += 1000 * hourMs;
    const served = unpackedImage('served', 100_000, 500);
    const older = unpackedImage('older', 100_000, 50);
    const oldest = unpackedImage('oldest', 100_000, 90);
    const recent = unpackedImage('recent', 100_000, 2);

    await marks(served).check();

    assert.deepEqual([...unpacked.keys()], [served, older, recent]);
    assert.partialDeepStrictEqual(collections, [{ usedPercent: 80, unpackedGivenUp: 1 }]);
    assert.ok(!unpacked.has(oldest));
  });

  it('give up nothing more once another server is in charge', async () => {
    verifies('restart:one-decides');
    images.clock.nowMs += 1000 * hourMs;
    unpackedImage('older', 200_000, 90);
    const old = unpackedImage('old', 200_000, 50);
    isInCharge = () => unpacked.size === 2;

    await marks().check();

    assert.deepEqual([...unpacked.keys()], [old]);
    isInCharge = () => false;
    await marks().check();
    assert.deepEqual([...unpacked.keys()], [old]);
  });

  it('leave unpacked images that were used within the hour, and have what nobody needs collected before any', async () => {
    verifies('images:water-marks-unpacked');
    const unused = await pulled(100_000);
    images.clock.nowMs += 100 * hourMs;
    const old = unpackedImage('old', 150_000, 50);
    const onItsWay = unpackedImage('on its way', 150_000, 0.5);
    const subject = marks();

    await subject.check();
    assert.deepEqual([await has(unused), unpacked.has(old)], [false, true]);
    unpackedImage('another', 200_000, 0.5);
    await subject.check();

    assert.deepEqual([unpacked.has(old), unpacked.has(onItsWay)], [false, true]);
    assert.partialDeepStrictEqual(collections.at(-1), { unpackedGivenUp: 1, isBelowLow: false });
  });
});
