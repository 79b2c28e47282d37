import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { parseManifest } from './manifest.ts';
import { hostPlatform, requirePlatform, selectPlatform } from './platform.ts';
import {
  describe as descriptorOf,
  jsonBytes,
  makeSampleImage,
  makeSampleIndex,
} from './testing/sample-image.ts';

const images = ['amd64', 'arm64'].map((architecture) => {
  const platform = { os: 'linux', architecture };
  return { platform, image: makeSampleImage({ platform }) };
});

function indexOf(entries: Parameters<typeof makeSampleIndex>[0]) {
  const index = parseManifest(makeSampleIndex(entries).bytes);
  assert.equal(index.kind, 'index');
  return index;
}

describe('platforms', () => {
  it('names this machine as indexes do', () => {
    assert.deepEqual(hostPlatform('x64'), { os: 'linux', architecture: 'amd64' });
    assert.deepEqual(hostPlatform('arm64'), { os: 'linux', architecture: 'arm64', variant: 'v8' });
  });

  it('chooses the first accepted platform that an index offers', () => {
    verifies('images:platform');
    const index = indexOf(images);

    assert.equal(
      selectPlatform(index, [hostPlatform('arm64')], 'x').digest,
      images[1]?.image.manifest.digest,
    );
    assert.equal(
      selectPlatform(index, [hostPlatform('x64'), hostPlatform('arm64')], 'x').digest,
      images[0]?.image.manifest.digest,
    );
  });

  it('takes arm64 with and without its only variant for the same, and no other variant', () => {
    verifies('images:platform');
    const image = makeSampleImage();
    const index = indexOf([{ image, platform: { os: 'linux', architecture: 'arm', variant: 'v6' } }]);

    assert.throws(
      () => selectPlatform(index, [{ os: 'linux', architecture: 'arm', variant: 'v7' }], 'x'),
      /offers linux\/arm\/v6/,
    );
    assert.doesNotThrow(() =>
      requirePlatform({ os: 'linux', architecture: 'arm64' }, [hostPlatform('arm64')], 'x'),
    );
  });

  it('lists what an image offers when nothing fits, attestations left out', () => {
    verifies('images:platform');
    const [first] = images;
    assert.ok(first);
    const attestation = {
      ...descriptorOf(first.image.manifest),
      platform: { os: 'unknown', architecture: 'unknown' },
    };
    const document = JSON.parse(Buffer.from(makeSampleIndex(images).bytes).toString());
    const index = parseManifest(jsonBytes({ ...document, manifests: [...document.manifests, attestation] }));
    assert.equal(index.kind, 'index');

    assert.throws(
      () => selectPlatform(index, [{ os: 'linux', architecture: 's390x' }], 'ghcr.io/a/b:v1'),
      /ghcr\.io\/a\/b:v1 cannot run here: it offers linux\/amd64, linux\/arm64, this server runs linux\/s390x\./,
    );
    assert.throws(() => selectPlatform(indexOf([]), [hostPlatform('x64')], 'x'), /no platform at all/);
  });
});
