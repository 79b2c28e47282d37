import { statfs } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import type { Collector } from '../images/collector.ts';
import { WaterMarks, type WaterMarksParts } from '../images/water-marks.ts';
import type { SandboxLogArchive } from '../sandboxes/sandbox-log-archive.ts';
import { messageOf } from '../shared/errors.ts';
import { every } from './every.ts';

export interface UpkeepParts extends Pick<
  WaterMarksParts,
  'unpacked' | 'reclaim' | 'isInCharge' | 'events' | 'clock'
> {
  readonly config: Pick<Config, 'home' | 'imageStore'>;
  readonly collector: Pick<Collector, 'collect'>;
  readonly logs: Pick<SandboxLogArchive, 'prune'>;
  /** Keeps room on the disk that can be given up. */
  readonly keepBallast: () => Promise<unknown>;
  readonly log: { warn(fields: Readonly<Record<string, unknown>>, message: string): void };
}

/** Disposing waits for what is running, and stops. */
export interface Upkeep extends AsyncDisposable {
  readonly waterMarks: WaterMarks;
  /** When this server is not in charge any more: resolves when nothing of it goes on. */
  settled(): Promise<void>;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const logBounds = { maxAgeMs: 30 * 24 * hourMs, maxTotalBytes: 5 * 1024 ** 3 };

/** Gives up, again and again, what nobody needs of images and logs. Each step is only begun by the server that is in charge. */
export function openUpkeep({ config, logs, keepBallast, log, ...parts }: UpkeepParts): Upkeep {
  const { collector, isInCharge, clock } = parts;
  const waterMarks = new WaterMarks({
    ...parts,
    ...config.imageStore,
    disk: async () => {
      const { blocks, bavail, bsize } = await statfs(config.home);
      return { usedBytes: (blocks - bavail) * bsize, totalBytes: blocks * bsize };
    },
  });
  const attempt = async (step: () => Promise<unknown>, failure: string): Promise<void> => {
    if (!isInCharge()) return;
    await step().catch((error: unknown) => log.warn({ error: messageOf(error) }, failure));
  };
  const rounds = [
    every(clock, minuteMs, () =>
      attempt(() => waterMarks.check(), 'the disk of the image store could not be looked after'),
    ),
    every(clock, hourMs, async () => {
      await attempt(() => collector.collect(), 'image collection failed');
      await attempt(() => logs.prune(logBounds), 'log pruning failed');
      await attempt(keepBallast, 'the ballast could not be kept');
    }),
  ];
  return {
    waterMarks,
    async settled() {
      await Promise.all(rounds.map((round) => round.settled()));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(rounds.map((round) => round[Symbol.asyncDispose]()));
    },
  };
}
