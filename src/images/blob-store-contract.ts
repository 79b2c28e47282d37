import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { BerthError } from '../shared/errors.ts';
import type { BlobStore } from './blob-store.ts';
import type { Digest } from './digest.ts';

export interface BlobStoreUnderTest {
  readonly store: BlobStore;
  /** Makes the collector run and waits for it; content that is not kept must be gone, past any time of grace. */
  collect(): Promise<void>;
  /** Another store over the same content, as after a restart. */
  reopen(): Promise<BlobStore>;
  close(): Promise<void>;
}

/** What every blob store must do. Content is unique to each run, so a shared store is good enough. */
export function describeBlobStore(name: string, open: () => Promise<BlobStoreUnderTest>): void {
  describe(`${name} as a blob store`, () => {
    let subject: BlobStoreUnderTest;
    let store: BlobStore;
    let counter = 0;
    const unique = (text: string) => Buffer.from(`${text} ${process.pid} ${Date.now()} ${counter++}`);
    before(async () => {
      subject = await open();
      store = subject.store;
    });
    after(() => subject.close());

    it('gives back what was written, whole and by range', async () => {
      const content = Buffer.concat([unique('range'), Buffer.alloc(3_000_000, 'x')]);
      const digest = await put(store, content);

      assert.deepEqual(await store.find(digest), { digest, sizeBytes: content.byteLength });
      assert.ok((await readAll(store, digest)).equals(content));
      assert.ok((await readAll(store, digest, 5, 2_000_000)).equals(content.subarray(5, 2_000_005)));
      assert.ok((await readAll(store, digest, content.byteLength - 3)).equals(content.subarray(-3)));
    });

    it('holds empty content', async () => {
      const digest = await put(store, Buffer.alloc(0));

      assert.equal((await store.find(digest))?.sizeBytes, 0);
      assert.equal((await readAll(store, digest)).byteLength, 0);
    });

    it('knows nothing of content that was never written', async () => {
      const digest = digestOf(unique('absent'));

      assert.equal(await store.find(digest), undefined);
      await assert.rejects(readAll(store, digest), hasCode('not-found'));
    });

    it('refuses content with another digest and forgets its upload', async () => {
      const content = unique('wrong');
      const expected = digestOf(unique('another'));
      const writer = await store.openWriter(`contract-${expected}`);
      await writer.write(content);

      await assert.rejects(writer.commit(expected), hasCode('validation'));

      assert.equal(await store.find(expected), undefined);
      assert.equal(await store.find(digestOf(content)), undefined);
      const again = await store.openWriter(`contract-${expected}`);
      assert.equal(again.offset, 0);
      await again.abort();
    });

    it('continues an upload where it stopped, also after a restart', async () => {
      const content = unique('two halves of one content');
      const digest = digestOf(content);
      {
        await using writer = await store.openWriter(`contract-${digest}`);
        await writer.write(content.subarray(0, 10));
        assert.equal(writer.offset, 10);
      }

      const reopened = await subject.reopen();
      await using writer = await reopened.openWriter(`contract-${digest}`);
      assert.equal(writer.offset, 10);
      await writer.write(content.subarray(10));
      await writer.commit(digest);

      assert.ok((await readAll(store, digest)).equals(content));
    });

    it('starts from nothing after an abort, which can be repeated', async () => {
      const digest = digestOf(unique('aborted'));
      const writer = await store.openWriter(`contract-${digest}`);
      await writer.write(Buffer.from('abc'));

      await writer.abort();
      await writer.abort();

      const again = await store.openWriter(`contract-${digest}`);
      assert.equal(again.offset, 0);
      await again.abort();
    });

    it('takes content that it already has', async () => {
      const content = unique('twice');
      const digest = await put(store, content);

      const info = await put(store, content);

      assert.equal(info, digest);
      assert.ok((await readAll(store, digest)).equals(content));
    });

    it('keeps pinned content with all it refers to, until it is unpinned', async () => {
      const layer = await put(store, unique('layer'));
      const manifest = await put(store, unique('manifest'));
      const index = await put(store, unique('index'));
      await store.setReferences(manifest, [layer]);
      await store.setReferences(index, [manifest]);
      await store.pin(index);
      await store.pin(index);

      await subject.collect();
      const kept = await Promise.all([layer, manifest, index].map((digest) => store.find(digest)));
      await store.unpin(index);
      await store.unpin(index);
      await subject.collect();
      const left = await Promise.all([layer, manifest, index].map((digest) => store.find(digest)));

      assert.ok(kept.every((info) => info !== undefined));
      assert.deepEqual(left, [undefined, undefined, undefined]);
    });

    it('adds references to those set before', async () => {
      const [first, second] = [await put(store, unique('first')), await put(store, unique('second'))];
      const manifest = await put(store, unique('adding'));
      await store.setReferences(manifest, [first]);
      await store.setReferences(manifest, [second]);
      await store.pin(manifest);

      await subject.collect();

      assert.ok((await store.find(first)) !== undefined && (await store.find(second)) !== undefined);
      await store.unpin(manifest);
    });

    it('refuses to pin what it does not have', async () => {
      await assert.rejects(store.pin(digestOf(unique('nothing'))), hasCode('not-found'));
    });

    it('has nothing against unpinning what it does not have', async () => {
      await store.unpin(digestOf(unique('nothing')));
    });
  });
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof BerthError && error.code === code;
}

function digestOf(content: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

async function put(store: BlobStore, content: Uint8Array): Promise<Digest> {
  const digest = digestOf(content);
  await using writer = await store.openWriter(`contract-${digest}`);
  await writer.write(content);
  return (await writer.commit(digest)).digest;
}

async function readAll(store: BlobStore, digest: Digest, offset?: number, length?: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(digest, offset, length)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
