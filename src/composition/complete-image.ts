import { z } from 'zod';
import { parseDigest } from '../images/digest.ts';
import type { ImageResolver } from '../images/image.ts';
import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { Clock } from '../shared/clock.ts';
import { mayPass } from '../shared/errors.ts';
import type { Database } from '../storage/database.ts';
import type { JobQueue } from '../storage/job-queue.ts';

export interface ImageCompletionParts {
  readonly database: Database;
  readonly jobs: Pick<JobQueue, 'enqueue' | 'handle' | 'wake'>;
  readonly images: ImageResolver;
  readonly driver: Pick<SandboxDriver, 'prepareImage' | 'letGoOfLazy'>;
  readonly isUsed: (manifest: string) => Promise<boolean>;
  readonly events: { imageIncomplete(failure: { reference: string; error: unknown }): void };
  readonly clock: Clock;
}

/** What started before it was here. */
export interface LazyImage {
  /** Names exactly this content. */
  readonly reference: string;
  readonly manifest: string;
}

const kind = 'complete-image';
const jobSchema = z.object({
  reference: z.string(),
  manifest: z.string(),
  notBeforeMs: z.number(),
  step: z.enum(['fetch', 'let-go']),
});
type CompletionJob = z.infer<typeof jobSchema>;

/** The first sandbox is not to compete with the rest of its image. */
const headStartMs = 10_000;
/** Longer than a start takes that had begun before. */
const startsMs = 180_000;

/** Brings images whole that started before they were here, so that what runs later needs neither their registry nor the snapshotter. */
export function imageCompletion(parts: ImageCompletionParts): { later(image: LazyImage): Promise<void> } {
  const { jobs, clock } = parts;
  async function enqueue(payload: CompletionJob): Promise<void> {
    await parts.database.transaction().execute((transaction) => jobs.enqueue(transaction, { kind, payload }));
    jobs.wake();
  }
  jobs.handle(
    kind,
    async (payload, { signal }) => {
      const job = jobSchema.parse(payload);
      const waitMs = job.notBeforeMs - clock.now();
      if (waitMs > 0) return { againInMs: waitMs };
      if (!(await parts.isUsed(job.manifest))) return undefined;
      if (job.step === 'let-go') return parts.driver.letGoOfLazy(parseDigest(job.manifest));
      try {
        await parts.images.resolve(job.reference, { signal });
        await parts.driver.prepareImage(parseDigest(job.manifest), { signal });
      } catch (error) {
        if (mayPass(error)) throw error;
        parts.events.imageIncomplete({ reference: job.reference, error });
        return undefined;
      }
      return enqueue({ ...job, step: 'let-go', notBeforeMs: clock.now() + startsMs });
    },
    1,
  );
  return {
    later: (image) => enqueue({ ...image, step: 'fetch', notBeforeMs: clock.now() + headStartMs }),
  };
}
