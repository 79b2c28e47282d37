import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { verifies } from '../../../test/requirements.ts';
import { mediaTypes } from '../../images/media-types.ts';
import {
  describe as descriptorOf,
  digestOf,
  jsonBytes,
  makeSampleImage,
  makeSampleIndex,
  toBlob,
} from '../../images/testing/sample-image.ts';
import { type ListeningRegistry, listenWithRegistry } from './testing/listening-registry.ts';
import { assertRefused, pushBlob, pushImage, putManifest } from './testing/registry-content.ts';

describe('content of the registry', () => {
  let registry: ListeningRegistry;
  before(async () => {
    registry = await listenWithRegistry();
  });
  after(() => registry[Symbol.asyncDispose]());

  it('serves a blob whole, by range, and its size alone', async () => {
    verifies('images:range');
    const blob = toBlob(Buffer.from('0123456789'), 'text/plain');
    await pushBlob(registry, 'ranges', blob);
    const path = `/v2/ranges/blobs/${blob.digest}`;
    const range = async (value: string) => {
      const answer = await registry.call('GET', path, { headers: { range: value } });
      return [
        answer.status,
        answer.headers.get('content-range'),
        answer.status === 416 ? '' : await answer.text(),
      ];
    };

    const head = await registry.call('HEAD', path);

    assert.deepEqual(
      [head.status, head.headers.get('content-length'), head.headers.get('accept-ranges')],
      [200, '10', 'bytes'],
    );
    assert.deepEqual(await range('bytes=2-4'), [206, 'bytes 2-4/10', '234']);
    assert.deepEqual(await range('bytes=7-'), [206, 'bytes 7-9/10', '789']);
    assert.deepEqual(await range('bytes=-2'), [206, 'bytes 8-9/10', '89']);
    assert.deepEqual(await range('bytes=8-100'), [206, 'bytes 8-9/10', '89']);
    assert.deepEqual(await range('bytes=10-'), [416, 'bytes */10', '']);
    assert.deepEqual(await range('bytes=1-2,4-5'), [200, null, '0123456789']);
    assert.deepEqual(await range('lines=1-2'), [200, null, '0123456789']);
  });

  it('serves content through the repositories that have it, and no other', async () => {
    verifies('images:linked-only');
    const image = makeSampleImage({ files: ['secret'] });
    await pushImage(registry, 'mine', 'v1', image);
    await pushImage(registry, 'yours', 'v1', makeSampleImage({ files: ['public'] }));

    const blob = await registry.call('GET', `/v2/yours/blobs/${image.config.digest}`);
    const manifest = await registry.call('GET', `/v2/yours/manifests/${image.manifest.digest}`);
    const asManifest = await registry.call('GET', `/v2/mine/manifests/${image.config.digest}`);

    await assertRefused(blob, 404, 'BLOB_UNKNOWN');
    await assertRefused(manifest, 404, 'MANIFEST_UNKNOWN');
    await assertRefused(asManifest, 404, 'MANIFEST_UNKNOWN');
  });

  it('gives a manifest by tag and by digest, byte for byte', async () => {
    verifies('images:manifests');
    const image = makeSampleImage({ files: ['manifest'] });
    await pushImage(registry, 'manifests', 'v1', image);
    assert.deepEqual(registry.pushed.at(-1), {
      repository: 'manifests',
      reference: 'v1',
      digest: image.manifest.digest,
    });

    for (const reference of ['v1', image.manifest.digest, encodeURIComponent(image.manifest.digest)]) {
      const answer = await registry.call('GET', `/v2/manifests/manifests/${reference}`);
      assert.ok(Buffer.from(await answer.arrayBuffer()).equals(image.manifest.bytes));
      assert.equal(answer.headers.get('content-type'), mediaTypes.ociManifest);
      assert.equal(answer.headers.get('docker-content-digest'), image.manifest.digest);
    }
    const head = await registry.call('HEAD', '/v2/manifests/manifests/v1');
    assert.equal(head.headers.get('content-length'), String(image.manifest.bytes.byteLength));
  });

  it('refuses a manifest that needs what the repository lacks, or lies about it', async () => {
    verifies('images:manifests');
    const image = makeSampleImage({ files: ['lacking'] });
    const index = makeSampleIndex([{ image, platform: { os: 'linux', architecture: 'amd64' } }]);

    const early = await putManifest(registry, 'lacking', 'v1', image.manifest);
    for (const blob of image.blobs) await pushBlob(registry, 'lacking', blob);
    const earlyIndex = await putManifest(registry, 'lacking', 'v1', index);
    const document = JSON.parse(Buffer.from(image.manifest.bytes).toString());
    document.config.size += 1;
    const lie = await putManifest(
      registry,
      'lacking',
      'v1',
      toBlob(jsonBytes(document), mediaTypes.ociManifest),
    );

    await assertRefused(early, 400, 'MANIFEST_BLOB_UNKNOWN');
    await assertRefused(earlyIndex, 400, 'MANIFEST_BLOB_UNKNOWN');
    await assertRefused(lie, 400, 'MANIFEST_INVALID');
  });

  it('refuses manifests that are none', async () => {
    verifies('images:manifests', 'images:wrong-digest');
    const put = (body: Uint8Array | string, contentType: string, reference = 'v1') =>
      registry.call('PUT', `/v2/bad/manifests/${reference}`, {
        headers: { 'content-type': contentType },
        body,
      });

    await assertRefused(await put('not json', mediaTypes.ociManifest), 400, 'MANIFEST_INVALID');
    await assertRefused(await put('{}', mediaTypes.ociManifest), 400, 'MANIFEST_INVALID');
    await assertRefused(
      await put('{"schemaVersion":1}', 'application/vnd.docker.distribution.manifest.v1+json'),
      400,
      'MANIFEST_INVALID',
    );
    await assertRefused(
      await put('{"schemaVersion":2,"manifests":[]}', 'text/html'),
      400,
      'MANIFEST_INVALID',
    );
    await assertRefused(
      await put(Buffer.alloc(4 * 1024 * 1024 + 1, ' '), mediaTypes.ociManifest),
      413,
      'SIZE_INVALID',
    );
    const empty = '{"schemaVersion":2,"manifests":[]}';
    await assertRefused(
      await put(empty, mediaTypes.ociIndex, digestOf(Buffer.from('x'))),
      400,
      'DIGEST_INVALID',
    );
  });

  it('lists tags by pages', async () => {
    verifies('images:tags');
    const image = makeSampleImage({ files: ['tags'] });
    await pushImage(registry, 'paged', 'c', image);
    for (const tag of ['a', 'd', 'b', 'e']) await putManifest(registry, 'paged', tag, image.manifest);

    const first = await registry.call('GET', '/v2/paged/tags/list?n=2');
    const link = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await registry.call('GET', link);
    const last = await registry.call('GET', '/v2/paged/tags/list?n=9&last=d');
    const none = await registry.call('GET', '/v2/paged/tags/list?n=0');

    assert.deepEqual(await first.json(), { name: 'paged', tags: ['a', 'b'] });
    assert.deepEqual(await second.json(), { name: 'paged', tags: ['c', 'd'] });
    assert.deepEqual(await last.json(), { name: 'paged', tags: ['e'] });
    assert.equal(last.headers.get('link'), null);
    assert.deepEqual(await none.json(), { name: 'paged', tags: [] });
    await assertRefused(await registry.call('GET', '/v2/paged/tags/list?n=many'), 400, 'UNSUPPORTED');
    await assertRefused(await registry.call('GET', '/v2/nothing/tags/list'), 404, 'NAME_UNKNOWN');
  });

  it('deletes tags, manifests and blobs, but nothing that is needed', async () => {
    verifies('images:delete');
    const image = makeSampleImage({ files: ['delete'] });
    const index = makeSampleIndex([{ image, platform: { os: 'linux', architecture: 'amd64' } }]);
    await pushImage(registry, 'gone', 'v1', image);
    await putManifest(registry, 'gone', 'all', index);
    const remove = (path: string) => registry.call('DELETE', `/v2/gone/${path}`);

    await assertRefused(await remove(`blobs/${image.config.digest}`), 409, 'DENIED');
    await assertRefused(await remove(`manifests/${image.manifest.digest}`), 409, 'DENIED');
    assert.equal((await remove('manifests/v1')).status, 202);
    assert.equal((await registry.call('HEAD', `/v2/gone/manifests/${image.manifest.digest}`)).status, 200);
    assert.equal((await remove(`manifests/${index.digest}`)).status, 202);
    await assertRefused(await registry.call('GET', '/v2/gone/manifests/all'), 404, 'MANIFEST_UNKNOWN');
    assert.equal((await remove(`manifests/${image.manifest.digest}`)).status, 202);
    assert.equal((await remove(`blobs/${image.config.digest}`)).status, 202);
    await assertRefused(await remove(`blobs/${image.config.digest}`), 404, 'BLOB_UNKNOWN');
    await assertRefused(await remove('manifests/v1'), 404, 'MANIFEST_UNKNOWN');
  });

  it('lists what describes an image, also by type', async () => {
    verifies('images:referrers');
    const image = makeSampleImage({ files: ['signed'] });
    await pushImage(registry, 'signed', 'v1', image);
    const empty = toBlob(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
    await pushBlob(registry, 'signed', empty);
    const describing = (artifactType: string) =>
      toBlob(
        jsonBytes({
          schemaVersion: 2,
          mediaType: mediaTypes.ociManifest,
          artifactType,
          config: descriptorOf(empty),
          layers: [descriptorOf(empty)],
          subject: descriptorOf(image.manifest),
          annotations: { by: artifactType },
        }),
        mediaTypes.ociManifest,
      );
    const [signature, inventory] = [describing('example/signature'), describing('example/sbom')];
    const put = await putManifest(registry, 'signed', signature.digest, signature);
    await putManifest(registry, 'signed', inventory.digest, inventory);
    const path = `/v2/signed/referrers/${image.manifest.digest}`;

    const all = await registry.call('GET', path);
    const filtered = await registry.call('GET', `${path}?artifactType=example%2Fsbom`);
    const none = await registry.call('GET', `/v2/signed/referrers/${digestOf(Buffer.from('unknown'))}`);

    assert.equal(put.headers.get('oci-subject'), image.manifest.digest);
    assert.equal((await manifestsOf(all)).length, 2);
    assert.equal(filtered.headers.get('oci-filters-applied'), 'artifactType');
    assert.deepEqual(await manifestsOf(filtered), [
      { ...descriptorOf(inventory), artifactType: 'example/sbom', annotations: { by: 'example/sbom' } },
    ]);
    assert.deepEqual([none.status, await manifestsOf(none)], [200, []]);
  });

  it('has no failures that nobody expected', () => {
    assert.deepEqual(registry.unexpected, []);
  });
});

async function manifestsOf(answer: Response): Promise<unknown[]> {
  return z.object({ manifests: z.array(z.unknown()) }).parse(await answer.json()).manifests;
}
