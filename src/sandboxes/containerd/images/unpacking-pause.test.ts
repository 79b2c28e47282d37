import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../../test/requirements.ts';
import { MemoryBlobStore } from '../../../images/testing/memory-blob-store.ts';
import { makeSampleImage } from '../../../images/testing/sample-image.ts';
import type { LeasesApi } from '../api/leases-api.ts';
import type { SnapshotsApi } from '../api/snapshots-api.ts';
import { preparedImages } from './prepared-images.ts';
import { unpacker } from './unpack.ts';
import { unpackingLease } from './unpacking-lease.ts';

/** An engine in memory, whose layers are applied when the test says so. */
async function unpacking() {
  const image = makeSampleImage({ files: ['one'] });
  const blobs = new MemoryBlobStore();
  for (const { digest, bytes } of [image.manifest, ...image.blobs]) {
    await using writer = await blobs.openWriter(digest);
    await writer.write(bytes);
    await writer.commit(digest);
  }
  const { rootfs } = JSON.parse(Buffer.from(image.config.bytes).toString()) as {
    rootfs: { diff_ids: readonly string[] };
  };
  const [diffId = ''] = rootfs.diff_ids;
  const clock = new FakeClock();
  const snapshots = memorySnapshots();
  const leases = memoryLeases();
  const inWork = new Set<string>();
  const labels = new Map<string, string>();
  const engine = { isDeaf: false, apply: () => {} };
  const apply = (_: unknown, _mounts: unknown, options?: { readonly signal?: AbortSignal }) =>
    new Promise<string>((resolve, reject) => {
      engine.apply = () => resolve(diffId);
      if (!engine.isDeaf)
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error));
    });
  const host = { path: '/', reserveBytes: 0, freeBytes: async () => 2 ** 40 };
  const images = preparedImages({
    api: {
      snapshots,
      lazySnapshots: memorySnapshots(),
      content: {
        find: async () => undefined,
        setLabels: async (_, changes) => {
          for (const [name, value] of Object.entries(changes)) labels.set(name, value);
        },
      },
    },
    blobs,
    unpacker: unpacker({ api: { diff: { apply }, snapshots }, host, clock, inWork }),
    lease: unpackingLease(leases, clock),
    roots: { inUse: new Set(), use: (_, work) => work('/') },
    inWork,
    clock,
    lazyMissing: () => 'There is no snapshotter.',
    log: { info: () => {} },
  });
  const left = async () => [await snapshots.list(), await leases.list(), [...inWork]];
  return { images, image: image.manifest.digest, clock, engine, labels, left };
}

test('what is being unpacked is broken off for a handover, also when its caller is gone, and done anew after one that failed', async () => {
  verifies('restart:unpacking-at-rest');
  const { images, image, clock, engine, labels, left } = await unpacking();
  const caller = new AbortController();
  const preparing = images.prepare(image, { signal: caller.signal });
  await clock.settle();
  caller.abort(new Error('The jobs are at rest.'));
  await assert.rejects(preparing, /The jobs are at rest/);
  assert.notDeepEqual(await left(), [[], [], []]);

  await images.pause();

  assert.deepEqual(await left(), [[], [], []]);
  await assert.rejects(images.prepare(image), { code: 'unavailable' });
  images.resume();
  const again = images.prepare(image);
  await clock.settle();
  engine.apply();
  await again;
  assert.equal(labels.size, 2);
});

test('an engine that does not stop unpacking fails the handover, and what it unpacks is of use', async () => {
  verifies('restart:unpacking-at-rest', 'restart:failed-upgrade');
  const { images, image, clock, engine, labels } = await unpacking();
  engine.isDeaf = true;
  const preparing = images.prepare(image);
  await clock.settle();
  const refused = assert.rejects(images.pause(), { code: 'unavailable' });
  await clock.advance(30_000);
  await refused;
  images.resume();
  engine.apply();
  await preparing;
  assert.equal(labels.size, 2);
});

function memorySnapshots(): SnapshotsApi {
  const names = new Map<string, string>();
  return {
    async prepare(key, parent) {
      names.set(key, parent);
      return [];
    },
    async view(key, parent) {
      names.set(key, parent);
      return [];
    },
    async commit(name, key) {
      names.set(name, names.get(key) ?? '');
      names.delete(key);
    },
    remove: async (key) => void names.delete(key),
    exists: async (key) => names.has(key),
    list: async () => [...names].map(([name, parent]) => ({ name, parent, kind: 'ACTIVE' })),
  };
}

function memoryLeases(): LeasesApi {
  const ids = new Set<string>();
  return {
    create: async (id) => void ids.add(id),
    remove: async (id) => void ids.delete(id),
    collect: async () => {},
    list: async () => [...ids],
    addContent: async () => {},
  };
}
