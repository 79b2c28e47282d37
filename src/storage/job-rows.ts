import type { Database } from './database.ts';

export interface ClaimedJob {
  readonly jobId: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly attempt: number;
}

/** Takes the oldest due jobs of a kind that nobody holds, or whose holder let the lease run out; never one of `running`. */
export function claimDueJobs(
  database: Database,
  claim: {
    kind: string;
    running: readonly string[];
    limit: number;
    holder: string;
    nowMs: number;
    leaseMs: number;
  },
): Promise<ClaimedJob[]> {
  return database.transaction().execute(async (transaction) => {
    const due = await transaction
      .selectFrom('jobs')
      .select(['job_id', 'kind', 'payload_json', 'attempts'])
      .where('kind', '=', claim.kind)
      .where('job_id', 'not in', claim.running)
      .where('run_after', '<=', claim.nowMs)
      .where((is) => is.or([is('lease_holder', 'is', null), is('lease_expires_at', '<=', claim.nowMs)]))
      .orderBy('run_after')
      .orderBy('created_at')
      .limit(claim.limit)
      .execute();
    for (const { job_id: jobId, attempts } of due) {
      await transaction
        .updateTable('jobs')
        .set({
          lease_holder: claim.holder,
          lease_expires_at: claim.nowMs + claim.leaseMs,
          attempts: attempts + 1,
        })
        .where('job_id', '=', jobId)
        .execute();
    }
    return due.map((row) => ({
      jobId: row.job_id,
      kind: row.kind,
      payload: JSON.parse(row.payload_json),
      attempt: row.attempts + 1,
    }));
  });
}

/** When the next job can be claimed: its time has come and no lease is on it. */
export async function nextDueAtMs(database: Database, kinds: readonly string[]): Promise<number | undefined> {
  const next = await database
    .selectFrom('jobs')
    .select('run_after')
    .where('kind', 'in', kinds)
    .where('lease_holder', 'is', null)
    .orderBy('run_after')
    .limit(1)
    .executeTakeFirst();
  return next?.run_after;
}

/** Says whether `holder` still has the job. */
export async function renewLease(
  database: Database,
  jobId: string,
  holder: string,
  expiresAtMs: number,
): Promise<boolean> {
  const result = await database
    .updateTable('jobs')
    .set({ lease_expires_at: expiresAtMs })
    .where('job_id', '=', jobId)
    .where('lease_holder', '=', holder)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Gives a job back, to be run from `runAfterMs` on; does nothing when another holder has it by now. */
export async function returnJob(
  database: Database,
  job: { jobId: string; holder: string; runAfterMs: number; attempts: number },
): Promise<void> {
  await database
    .updateTable('jobs')
    .set({ lease_holder: null, lease_expires_at: 0, run_after: job.runAfterMs, attempts: job.attempts })
    .where('job_id', '=', job.jobId)
    .where('lease_holder', '=', job.holder)
    .execute();
}

/** What `holder` held when it was killed can be claimed again. */
export async function freeLeases(database: Database, holder: string): Promise<void> {
  await database
    .updateTable('jobs')
    .set({ lease_holder: null, lease_expires_at: 0 })
    .where('lease_holder', '=', holder)
    .execute();
}
