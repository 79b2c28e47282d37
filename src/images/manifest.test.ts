import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { parseManifest, requiredContent } from './manifest.ts';
import { mediaTypes } from './media-types.ts';
import { digestOf, jsonBytes, makeSampleImage } from './testing/sample-image.ts';

const image = makeSampleImage();
const good = JSON.parse(Buffer.from(image.manifest.bytes).toString());
const parse = (changes: object, contentType?: string) =>
  parseManifest(jsonBytes({ ...good, ...changes }), contentType);

describe('a manifest', () => {
  it('is read with what it needs', () => {
    verifies('images:manifests');
    const manifest = parse({}, `${mediaTypes.ociManifest}; charset=utf-8`);

    assert.deepEqual(
      requiredContent(manifest).map(({ digest }) => digest),
      image.blobs.map(({ digest }) => digest),
    );
  });

  it('is known by its own media type, then by what it was sent as, then by its members', () => {
    assert.equal(parse({ mediaType: undefined }).mediaType, mediaTypes.ociManifest);
    assert.equal(
      parse({ mediaType: undefined }, mediaTypes.dockerManifest).mediaType,
      mediaTypes.dockerManifest,
    );
    assert.equal(
      parseManifest(jsonBytes({ schemaVersion: 2, manifests: [] })).mediaType,
      mediaTypes.ociIndex,
    );
    assert.throws(() => parse({}, mediaTypes.dockerManifest), /says .* but was sent as/);
  });

  it('does not need layers that may not be distributed', () => {
    const foreign = {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest: digestOf(Buffer.from('x')),
      size: 1,
    };

    assert.equal(requiredContent(parse({ layers: [...good.layers, foreign] })).length, image.blobs.length);
  });

  it('cannot be read in two ways', () => {
    verifies('images:manifests');
    assert.throws(() => parse({ manifests: [] }), /cannot be used/);
    assert.throws(() => parse({ mediaType: mediaTypes.ociIndex, manifests: [] }), /cannot be used/);
  });

  it('is refused when it is malformed', () => {
    verifies('images:manifests');
    const descriptor = good.config;
    const bad: object[] = [
      { schemaVersion: 1 },
      { mediaType: 'text/html' },
      { mediaType: 'application/vnd.docker.distribution.manifest.v1+json' },
      { config: undefined },
      { layers: 'none' },
      { config: { ...descriptor, digest: '../../etc/passwd' } },
      { config: { ...descriptor, digest: `sha512:${'a'.repeat(128)}` } },
      { config: { ...descriptor, size: -1 } },
      { config: { ...descriptor, size: 1.5 } },
      { config: { ...descriptor, size: 1e300 } },
      { config: { ...descriptor, mediaType: 'x"; filename="y' } },
      { layers: Array.from({ length: 1001 }, () => descriptor) },
    ];

    for (const changes of bad)
      assert.throws(() => parse(changes), /manifest cannot be used/, JSON.stringify(changes).slice(0, 100));
    assert.throws(() => parseManifest(Buffer.from('[]')), /not a JSON object/);
    assert.throws(() => parseManifest(Buffer.from([0xff, 0xfe])), /not JSON/);
    assert.throws(() => parseManifest(Buffer.alloc(4 * 1024 * 1024 + 1, ' ')), /at most/);
  });
});
