import type { Clock } from '../../shared/clock.ts';
import { systemRandom } from '../../shared/ids.ts';
import { type Database, openDatabase } from '../../storage/database.ts';
import { createSealedBox } from '../../storage/sealed-box.ts';
import { Collector, type ImagesInUse } from '../collector.ts';
import { KeptContent } from '../kept-content.ts';
import type { RegistryCredentialStore } from '../pull/registry-credentials.ts';
import { sqlRegistryCredentialStore } from '../pull/sql-registry-credential-store.ts';
import { Repositories } from '../repositories/repositories.ts';
import type { RepositoryStore } from '../repositories/repository-store.ts';
import { sqlRepositoryStore } from '../repositories/sql-repository-store.ts';
import { sqlUploadStore } from '../repositories/sql-upload-store.ts';
import type { UploadStore } from '../repositories/upload-store.ts';
import { Uploads } from '../repositories/uploads.ts';
import { sqlContentPinStore } from '../sql-content-pin-store.ts';
import { MemoryBlobStore } from './memory-blob-store.ts';

/** Time that a test moves; what waits is woken in the next turn, as if the time had passed. */
export class TestClock implements Clock {
  nowMs = 1_700_000_000_000;

  now(): number {
    return this.nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = setImmediate(() => {
      this.nowMs += delayMs;
      run();
    });
    return () => clearImmediate(timer);
  }
}

/** Everything of `images` but pulling, over a database and a blob store in memory. */
export interface TestImages extends AsyncDisposable {
  readonly database: Database;
  readonly clock: TestClock;
  readonly blobs: MemoryBlobStore;
  readonly kept: KeptContent;
  readonly store: RepositoryStore;
  readonly uploadStore: UploadStore;
  readonly repositories: Repositories;
  readonly uploads: Uploads;
  collector(images: ImagesInUse, isInCharge?: () => boolean): Collector;
  /** The same content and database, seen by a process that has just started. */
  restartUploads(): Uploads;
}

export async function openTestImages(
  limits: { maxOpen?: number; maxBlobBytes?: number } = {},
): Promise<TestImages> {
  const database = await openDatabase(':memory:');
  const clock = new TestClock();
  const blobs = new MemoryBlobStore();
  const kept = new KeptContent({ blobs, store: sqlContentPinStore(database), clock });
  const store = sqlRepositoryStore(database);
  const uploadStore = sqlUploadStore(database);
  const repositories = new Repositories({ blobs, kept, store, clock, random: systemRandom });
  const newUploads = () =>
    new Uploads({
      blobs,
      store: uploadStore,
      repositories,
      clock,
      random: systemRandom,
      maxBlobBytes: 2 ** 30,
      ...limits,
    });
  return {
    database,
    clock,
    blobs,
    kept,
    store,
    uploadStore,
    repositories,
    uploads: newUploads(),
    collector: (images, isInCharge = () => true) =>
      new Collector({ blobs, kept, repositories: store, uploads: uploadStore, images, isInCharge, clock }),
    restartUploads: newUploads,
    [Symbol.asyncDispose]: () => database.destroy(),
  };
}

/** Log-ins at other registries; `dump` is what the database holds of them. */
export async function openTestCredentials(): Promise<
  AsyncDisposable & { readonly store: RegistryCredentialStore; dump(): Promise<string> }
> {
  const database = await openDatabase(':memory:');
  return {
    store: sqlRegistryCredentialStore({ database, sealedBox: createSealedBox(new Uint8Array(32).fill(1)) }),
    dump: async () => JSON.stringify(await database.selectFrom('registry_credentials').selectAll().execute()),
    [Symbol.asyncDispose]: () => database.destroy(),
  };
}
