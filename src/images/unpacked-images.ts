import type { Clock } from '../shared/clock.ts';
import type { Digest } from './digest.ts';

export interface UnpackedImagesParts {
  /** Of all versions, and of those that an endpoint serves or a sandbox runs: digests of manifests. */
  readonly images: {
    all(): Promise<readonly Digest[]>;
    inUse(): Promise<ReadonlySet<string>>;
  };
  readonly engine: {
    /** When it was last prepared or started from; undefined when it is not unpacked. */
    lastUse(image: Digest): Promise<number | undefined>;
    /** Its layers stay; a start unpacks it again. */
    forget(image: Digest): Promise<void>;
  };
  readonly clock: Clock;
}

/**
 * Images are kept unpacked so that sandboxes start at once. Those of versions that no endpoint serves wait for an endpoint to be
 * pointed back at them: what is unpacked of them can be made again, and is given up when room is needed.
 */
export class UnpackedImages {
  readonly #parts: UnpackedImagesParts;

  constructor(parts: UnpackedImagesParts) {
    this.#parts = parts;
  }

  /** Gives up the one that was not used for the longest, at least for `idleMs`. False when there is none. */
  async giveUpOldest(idleMs: number): Promise<boolean> {
    const oldest = await this.#oldest(idleMs);
    if (oldest === undefined) return false;
    // An endpoint that is pointed at it just now loses nothing but time: its first sandbox unpacks it again.
    await this.#parts.engine.forget(oldest);
    return true;
  }

  async #oldest(idleMs: number): Promise<Digest | undefined> {
    const { images, engine, clock } = this.#parts;
    const inUse = await images.inUse();
    let oldest: { readonly image: Digest; readonly usedAtMs: number } | undefined;
    for (const image of await images.all()) {
      if (inUse.has(image)) continue;
      const usedAtMs = await engine.lastUse(image);
      if (usedAtMs === undefined || usedAtMs > clock.now() - idleMs) continue;
      if (oldest === undefined || usedAtMs < oldest.usedAtMs) oldest = { image, usedAtMs };
    }
    return oldest?.image;
  }
}
