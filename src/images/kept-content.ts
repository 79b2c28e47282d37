import type { Clock } from '../shared/clock.ts';
import type { BlobStore } from './blob-store.ts';
import type { Digest } from './digest.ts';
import { KeyedLock } from './keyed-lock.ts';

/** What is pinned, so that it can be unpinned one day. */
export interface ContentPinStore {
  touch(digest: Digest, nowMs: number): Promise<void>;
  /** Not touched since `beforeMs` and linked by no repository. */
  listUnused(beforeMs: number): Promise<readonly Digest[]>;
  /** False when that is no longer true of it. */
  removeUnused(digest: Digest, beforeMs: number): Promise<boolean>;
}

/**
 * Keeps content alive in the blob store. The record is written before the pin, so that a crash in between leaves a record
 * without a pin (harmless), never a pin without a record (lost space).
 */
export class KeptContent {
  readonly #parts: { blobs: Pick<BlobStore, 'pin' | 'unpin'>; store: ContentPinStore; clock: Clock };
  readonly #locks = new KeyedLock();

  constructor(parts: { blobs: Pick<BlobStore, 'pin' | 'unpin'>; store: ContentPinStore; clock: Clock }) {
    this.#parts = parts;
  }

  /** Rejects with `not-found` when the content is not there. */
  async keep(digest: Digest): Promise<void> {
    const { blobs, store, clock } = this.#parts;
    await this.#locks.run(digest, async () => {
      await store.touch(digest, clock.now());
      await blobs.pin(digest);
    });
  }

  /** Unpins what no repository links, `inUse` does not name and nobody has kept since `beforeMs`. Returns how many. */
  async release(inUse: ReadonlySet<string>, beforeMs: number): Promise<number> {
    const { blobs, store } = this.#parts;
    let released = 0;
    for (const digest of await store.listUnused(beforeMs)) {
      if (inUse.has(digest)) continue;
      await this.#locks.run(digest, async () => {
        if (!(await store.removeUnused(digest, beforeMs))) return;
        released += 1;
        await blobs.unpin(digest);
      });
    }
    return released;
  }
}
