import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { verifies } from '../../../test/requirements.ts';
import { digestOf, toBlob } from '../../images/testing/sample-image.ts';
import { type ListeningRegistry, listenWithRegistry, toBasic } from './testing/listening-registry.ts';
import { assertRefused, pushBlob } from './testing/registry-content.ts';

describe('uploads to the registry', () => {
  let registry: ListeningRegistry;
  before(async () => {
    registry = await listenWithRegistry({ maxOpen: 20, maxBlobBytes: 1_000_000 });
  });
  after(() => registry[Symbol.asyncDispose]());
  const begin = async (repository = 'app') => {
    const answer = await registry.call('POST', `/v2/${repository}/blobs/uploads/`);
    assert.equal(answer.status, 202);
    return answer.headers.get('location') ?? '';
  };
  const patch = (location: string, body: string, range?: string) =>
    registry.call('PATCH', location, {
      body,
      ...(range !== undefined && { headers: { 'content-range': range } }),
    });

  it('takes a blob in one request', async () => {
    verifies('images:upload');
    const blob = toBlob(Buffer.from('in one request'), 'text/plain');

    await pushBlob(registry, 'app', blob);

    const back = await registry.call('GET', `/v2/app/blobs/${blob.digest}`);
    assert.equal(await back.text(), 'in one request');
    assert.equal(back.headers.get('docker-content-digest'), blob.digest);
  });

  it('takes a blob in chunks and says how far it is', async () => {
    verifies('images:upload');
    const location = await begin();

    const first = await patch(location, 'hello ', '0-5');
    const status = await registry.call('GET', location);
    const second = await patch(location, 'big ', '6-9');
    const digest = digestOf(Buffer.from('hello big world'));
    const last = await registry.call('PUT', `${location}?digest=${digest}`, { body: 'world' });

    assert.deepEqual([first.status, first.headers.get('range')], [202, '0-5']);
    assert.deepEqual(
      [status.status, status.headers.get('range'), status.headers.get('location')],
      [204, '0-5', location],
    );
    assert.equal(second.headers.get('range'), '0-9');
    assert.deepEqual([last.status, last.headers.get('location')], [201, `/v2/app/blobs/${digest}`]);
    assert.equal(await (await registry.call('GET', `/v2/app/blobs/${digest}`)).text(), 'hello big world');
    await assertRefused(await registry.call('GET', location), 404, 'BLOB_UPLOAD_UNKNOWN');
  });

  it('takes chunks without a length or range, as they come', async () => {
    verifies('images:upload', 'images:upload-bounds');
    const location = await begin();
    const body = new ReadableStream({
      start(stream) {
        for (const piece of ['a', 'b', 'c']) stream.enqueue(Buffer.from(piece));
        stream.close();
      },
    });

    const answer = await registry.call('PATCH', location, { body });

    assert.equal(answer.headers.get('range'), '0-2');
  });

  it('refuses a chunk out of order and says where the upload stands', async () => {
    verifies('images:upload-chunk-order');
    const location = await begin();
    await patch(location, '12345', '0-4');

    const gap = await patch(location, '9', '8-8');
    const again = await patch(location, '12345', '0-4');

    assert.equal(gap.headers.get('range'), '0-4');
    await assertRefused(gap, 416, 'BLOB_UPLOAD_INVALID');
    await assertRefused(again, 416, 'BLOB_UPLOAD_INVALID');
  });

  it('refuses a Content-Range that is nonsense or another length than the body', async () => {
    verifies('images:upload-chunk-order');
    const location = await begin();

    await assertRefused(await patch(location, 'abc', 'words'), 400, 'BLOB_UPLOAD_INVALID');
    await assertRefused(await patch(location, 'abc', '5-2'), 400, 'BLOB_UPLOAD_INVALID');
    await assertRefused(await patch(location, 'abc', '0-9'), 400, 'SIZE_INVALID');
  });

  it('forgets an upload whose content has another digest', async () => {
    verifies('images:wrong-digest');
    const location = await begin();
    await patch(location, 'one thing');
    const digest = digestOf(Buffer.from('another thing'));

    const chunked = await registry.call('PUT', `${location}?digest=${digest}`);
    const whole = await registry.call('POST', `/v2/app/blobs/uploads/?digest=${digest}`, {
      body: 'one thing',
    });

    await assertRefused(chunked, 400, 'DIGEST_INVALID');
    await assertRefused(whole, 400, 'DIGEST_INVALID');
    await assertRefused(await registry.call('GET', location), 404, 'BLOB_UPLOAD_UNKNOWN');
    assert.equal((await registry.call('HEAD', `/v2/app/blobs/${digest}`)).status, 404);
  });

  it('refuses a digest that is none', async () => {
    verifies('images:names');
    const location = await begin();

    for (const digest of ['', 'sha256:abc', `sha512:${'a'.repeat(128)}`, `sha256:${'A'.repeat(64)}`]) {
      await assertRefused(await registry.call('PUT', `${location}?digest=${digest}`), 400, 'DIGEST_INVALID');
    }
  });

  it('cancels an upload', async () => {
    verifies('images:upload');
    const location = await begin();
    await patch(location, 'unwanted');

    const cancelled = await registry.call('DELETE', location);

    assert.equal(cancelled.status, 204);
    await assertRefused(await patch(location, 'more'), 404, 'BLOB_UPLOAD_UNKNOWN');
  });

  it('knows an upload only in the repository it was begun in', async () => {
    verifies('images:names');
    const location = await begin('app');

    const elsewhere = await registry.call('GET', location.replace('/v2/app/', '/v2/other/'));

    await assertRefused(elsewhere, 404, 'BLOB_UPLOAD_UNKNOWN');
  });

  it('lets one request write to an upload at a time', async () => {
    verifies('images:upload-chunk-order');
    const location = await begin();
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const body = new ReadableStream({
      async pull(stream) {
        stream.enqueue(Buffer.from('slow'));
        started.resolve();
        await held;
        stream.close();
      },
    });
    const slow = registry.call('PATCH', location, { body });
    await started.promise;
    let second = await registry.call('PATCH', location, { body: '' });
    while (second.status === 202) second = await registry.call('PATCH', location, { body: '' });
    release();

    await assertRefused(second, 409, 'BLOB_UPLOAD_INVALID');
    assert.equal((await slow).headers.get('range'), '0-3');
  });

  it('keeps what arrived before the client went away, and lets another request go on', async () => {
    verifies('images:upload', 'images:upload-bounds');
    await using roomy = await listenWithRegistry();
    const begun = await roomy.call('POST', '/v2/app/blobs/uploads/');
    const location = begun.headers.get('location') ?? '';
    const content = Buffer.alloc(5_000_000, 'x');
    const url = new URL(location, `http://${roomy.host}`);
    const headers = { authorization: toBasic(roomy.admin), 'content-length': content.byteLength };
    const broken = request(url, { method: 'PATCH', headers });
    broken.on('error', () => {});
    broken.write(content.subarray(0, 3_000_000));
    const status = async () => {
      const answer = await roomy.call('GET', location);
      return answer.status === 204 ? Number(answer.headers.get('range')?.slice(2)) + 1 : 0;
    };
    while (roomy.images.blobs.receivedBytes < 2_000_000) await nextTurn();
    broken.destroy();
    let offset = await status();
    while (offset < 2_000_000) offset = await status();

    const digest = digestOf(content);
    const rest = await roomy.call('PUT', `${location}?digest=${digest}`, { body: content.subarray(offset) });

    assert.equal(rest.status, 201);
    assert.deepEqual(roomy.unexpected, []);
  });

  it('refuses a blob that is too large and frees its space', async () => {
    verifies('images:upload-bounds');
    const content = Buffer.alloc(1_000_001);

    const answer = await registry.call('POST', `/v2/app/blobs/uploads/?digest=${digestOf(content)}`, {
      body: content,
    });

    await assertRefused(answer, 413, 'SIZE_INVALID');
    assert.equal((await registry.call('HEAD', `/v2/app/blobs/${digestOf(content)}`)).status, 404);
  });

  it('bounds how many uploads are open', async () => {
    verifies('images:upload-bounds');
    await using small = await listenWithRegistry({ maxOpen: 2 });
    await small.call('POST', '/v2/app/blobs/uploads/');
    await small.call('POST', '/v2/app/blobs/uploads/');

    const third = await small.call('POST', '/v2/app/blobs/uploads/');

    await assertRefused(third, 429, 'TOOMANYREQUESTS');
  });

  it('mounts a blob of another repository, and falls back to an upload', async () => {
    verifies('images:mount');
    const blob = toBlob(Buffer.from('shared layer'), 'text/plain');
    await pushBlob(registry, 'from', blob);

    const mounted = await registry.call('POST', `/v2/to/blobs/uploads/?mount=${blob.digest}&from=from`);
    const unknown = await registry.call('POST', `/v2/to/blobs/uploads/?mount=${blob.digest}&from=nowhere`);

    assert.deepEqual([mounted.status, mounted.headers.get('location')], [201, `/v2/to/blobs/${blob.digest}`]);
    assert.equal(await (await registry.call('GET', `/v2/to/blobs/${blob.digest}`)).text(), 'shared layer');
    assert.equal(unknown.status, 202);
  });

  it('has no failures that nobody expected', () => {
    assert.deepEqual(registry.unexpected, []);
  });
});
