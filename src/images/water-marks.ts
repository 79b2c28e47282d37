import type { Clock } from '../shared/clock.ts';
import type { CollectionReport, Collector } from './collector.ts';
import type { UnpackedImages } from './unpacked-images.ts';

export interface WaterMarksParts {
  readonly collector: Pick<Collector, 'collect'>;
  readonly unpacked: Pick<UnpackedImages, 'giveUpOldest'>;
  /** Of the disk that holds the image store. */
  readonly disk: () => Promise<{ readonly usedBytes: number; readonly totalBytes: number }>;
  /** Has the store free at once what was given up. */
  readonly reclaim: () => Promise<void>;
  /** False while another server decides over what is kept: then nothing more is given up. */
  readonly isInCharge: () => boolean;
  /** Percent of the disk in use: from `high` on images are collected, down to `low`. */
  readonly high: number;
  readonly low: number;
  readonly events: {
    imageDiskCollected(collection: {
      readonly usedPercent: number;
      readonly freedBytes: number;
      /** Images that have to be unpacked again before they start. */
      readonly unpackedGivenUp: number;
      readonly isBelowLow: boolean;
    }): void;
  };
  readonly clock: Clock;
}

export interface ImageStoreState {
  readonly usedPercent: number;
  readonly high: number;
  readonly low: number;
  /** The last time that the high mark was reached; undefined when it never was. */
  readonly lastCollection:
    | { readonly atMs: number; readonly freedBytes: number; readonly isBelowLow: boolean }
    | undefined;
}

const hourMs = 3_600_000;
/**
 * What nobody has used for so long goes, longest first, until the low mark is reached. Never what is younger than the last: it
 * may be on its way to a version, or waiting for its manifest.
 */
const youngestMs = hourMs;
const agesMs = [24 * hourMs, 12 * hourMs, 6 * hourMs, 3 * hourMs, youngestMs];

/**
 * Collects unused images earlier than usual when their disk fills up, as kubelet's image collection does; after them what is
 * unpacked of images that no endpoint serves, and can be unpacked again.
 */
export class WaterMarks {
  readonly #parts: WaterMarksParts;
  #last: ImageStoreState['lastCollection'];

  constructor(parts: WaterMarksParts) {
    this.#parts = parts;
  }

  async state(): Promise<ImageStoreState> {
    const { high, low } = this.#parts;
    return { usedPercent: percentOf(await this.#parts.disk()), high, low, lastCollection: this.#last };
  }

  /** Looks at the disk, and collects if it is time. Undefined when it was not. */
  async check(): Promise<readonly CollectionReport[] | undefined> {
    const { collector, unpacked, disk, reclaim, isInCharge, high, low, events, clock } = this.#parts;
    const before = await disk();
    if (percentOf(before) < high) return undefined;
    const reports: CollectionReport[] = [];
    let after = before;
    for (const ageMs of agesMs) {
      if (!isInCharge()) break;
      reports.push(await collector.collect(ageMs));
      await reclaim();
      after = await disk();
      if (percentOf(after) <= low) break;
    }
    let unpackedGivenUp = 0;
    while (isInCharge() && percentOf(after) > low && (await unpacked.giveUpOldest(youngestMs))) {
      unpackedGivenUp += 1;
      await reclaim();
      after = await disk();
    }
    const freedBytes = Math.max(0, before.usedBytes - after.usedBytes);
    const isBelowLow = percentOf(after) <= low;
    this.#last = { atMs: clock.now(), freedBytes, isBelowLow };
    events.imageDiskCollected({
      usedPercent: percentOf(after),
      freedBytes,
      unpackedGivenUp,
      isBelowLow,
    });
    return reports;
  }
}

function percentOf({ usedBytes, totalBytes }: { usedBytes: number; totalBytes: number }): number {
  return Math.round((usedBytes / totalBytes) * 1000) / 10;
}
