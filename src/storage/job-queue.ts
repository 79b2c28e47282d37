import type { Clock } from '../shared/clock.ts';
import { type RandomSource, randomText } from '../shared/ids.ts';
import type { Database } from './database.ts';
import { type ClaimedJob, claimDueJobs, freeLeases, nextDueAtMs, renewLease, returnJob } from './job-rows.ts';

export interface NewJob {
  readonly kind: string;
  /** Anything that JSON holds. */
  readonly payload: unknown;
}

export interface JobAttempt {
  /** From 1; an attempt that a closing server cut short is not counted. */
  readonly attempt: number;
  /** Aborts when the server closes or another one took the job over. */
  readonly signal: AbortSignal;
}

/** Runs again after a crash, so it may meet its own half-done work. To be run again later, it returns when. */
export type JobHandler = (
  payload: unknown,
  attempt: JobAttempt,
) => Promise<void | { readonly againInMs: number }>;

export interface JobEvents {
  jobFailed(job: { jobId: string; kind: string; attempt: number; retryInMs: number; error: unknown }): void;
  /** The database did not answer; the queue looks again by itself. */
  jobQueueStalled(error: unknown): void;
}

export interface JobQueueParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Names this server, the same after a restart: what it had claimed before is run again at once. */
  readonly holder: string;
  readonly events: JobEvents;
  readonly leaseMs?: number;
}

/** Each kind has hands of its own: slow jobs of one never keep those of another waiting. */
const usualConcurrency = 4;
const pollMs = 5_000;
const longestBackoffMs = 300_000;

/**
 * Long work that must survive the process: kept in the database, claimed under a lease that is renewed while it runs, run
 * again after a failure with growing pauses, for ever; a handler that wants to give up returns.
 */
export class JobQueue implements AsyncDisposable {
  readonly #parts: Required<JobQueueParts>;
  readonly #handlers = new Map<string, { readonly run: JobHandler; readonly concurrency: number }>();
  readonly #running = new Map<string, { readonly kind: string; readonly done: Promise<void> }>();
  #closing = new AbortController();
  #isStarted = false;
  #hasFreedLeases = false;
  #turn: Promise<void> | undefined;
  #isTurnStale = false;
  #cancelTimer: () => void = () => {};

  constructor(parts: JobQueueParts) {
    this.#parts = { leaseMs: 60_000, ...parts };
  }

  /** Jobs of a kind without a handler stay in the database. So many of a kind run at a time. */
  handle(kind: string, handler: JobHandler, concurrency = usualConcurrency): void {
    this.#handlers.set(kind, { run: handler, concurrency });
  }

  /** Part of the caller's transaction; call `wake` once that has been committed. */
  async enqueue(transaction: Database, job: NewJob): Promise<void> {
    const nowMs = this.#parts.clock.now();
    await transaction
      .insertInto('jobs')
      .values({
        job_id: `job-${randomText(this.#parts.random, 20)}`,
        kind: job.kind,
        payload_json: JSON.stringify(job.payload),
        run_after: nowMs,
        attempts: 0,
        lease_holder: null,
        lease_expires_at: 0,
        created_at: nowMs,
      })
      .execute();
  }

  /** Begins to run jobs, first of all those that this server left behind when it was killed; as soon as the database answers. */
  start(): void {
    if (this.#closing.signal.aborted) this.#closing = new AbortController();
    this.#isStarted = true;
    this.#hasFreedLeases = false;
    this.wake();
  }

  /** Takes no more jobs until `start`; aborts the running ones and returns them to the queue. Idempotent. */
  async pause(): Promise<void> {
    this.#cancelTimer();
    this.#closing.abort(new Error('The server is closing.'));
    await this.settled();
  }

  /** Looks for due jobs now. */
  wake(): void {
    if (!this.#isStarted || this.#closing.signal.aborted) return;
    this.#isTurnStale = true;
    this.#turn ??= this.#takeTurns().finally(() => {
      this.#turn = undefined;
      if (this.#isTurnStale) this.wake();
    });
  }

  /** Resolves when nothing is running and nothing is due. */
  async settled(): Promise<void> {
    while (this.#turn !== undefined || this.#running.size > 0) {
      await Promise.all([this.#turn, ...[...this.#running.values()].map(({ done }) => done)]);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.pause();
  }

  async #takeTurns(): Promise<void> {
    this.#cancelTimer();
    let nextAtMs: number | undefined;
    try {
      while (this.#isTurnStale) {
        this.#isTurnStale = false;
        if (!this.#hasFreedLeases) await freeLeases(this.#parts.database, this.#parts.holder);
        this.#hasFreedLeases = true;
        nextAtMs = await this.#claim();
      }
    } catch (error) {
      this.#parts.events.jobQueueStalled(error);
    }
    if (this.#closing.signal.aborted) return;
    const waitMs =
      nextAtMs === undefined ? pollMs : Math.min(pollMs, Math.max(0, nextAtMs - this.#parts.clock.now()));
    this.#cancelTimer = this.#parts.clock.after(waitMs, () => this.wake());
  }

  /** Returns when the next job will be due; undefined when none is known or all hands are full. */
  async #claim(): Promise<number | undefined> {
    const { database, clock, holder, leaseMs } = this.#parts;
    const waiting: string[] = [];
    for (const [kind, { concurrency }] of this.#handlers) {
      const ofKind = [...this.#running.values()].filter((job) => job.kind === kind).length;
      const limit = concurrency - ofKind;
      if (limit <= 0 || this.#closing.signal.aborted) continue;
      const running = [...this.#running.keys()];
      const jobs = await claimDueJobs(database, {
        kind,
        running,
        limit,
        holder,
        nowMs: clock.now(),
        leaseMs,
      });
      for (const job of jobs) this.#begin(job);
      if (jobs.length < limit) waiting.push(kind);
    }
    return waiting.length === 0 ? undefined : nextDueAtMs(database, waiting);
  }

  #begin(job: ClaimedJob): void {
    const done = this.#run(job)
      .catch((error: unknown) => this.#parts.events.jobQueueStalled(error))
      .finally(() => {
        this.#running.delete(job.jobId);
        this.wake();
      });
    this.#running.set(job.jobId, { kind: job.kind, done });
  }

  async #run(job: ClaimedJob): Promise<void> {
    const { database, clock, holder, events } = this.#parts;
    const lostLease = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, lostLease.signal]);
    const stopRenewing = this.#keepLease(job, lostLease);
    try {
      signal.throwIfAborted();
      const handler = this.#handlers.get(job.kind);
      const result = await handler?.run(job.payload, { attempt: job.attempt, signal });
      if (result === undefined) {
        await database
          .deleteFrom('jobs')
          .where('job_id', '=', job.jobId)
          .where('lease_holder', '=', holder)
          .execute();
      } else {
        await returnJob(database, {
          ...job,
          holder,
          runAfterMs: clock.now() + result.againInMs,
          attempts: 0,
        });
      }
    } catch (error) {
      if (signal.aborted) {
        await returnJob(database, { ...job, holder, runAfterMs: clock.now(), attempts: job.attempt - 1 });
        return;
      }
      const retryInMs = Math.min(longestBackoffMs, 1_000 * 2 ** Math.min(job.attempt - 1, 20));
      events.jobFailed({ jobId: job.jobId, kind: job.kind, attempt: job.attempt, retryInMs, error });
      await returnJob(database, {
        ...job,
        holder,
        runAfterMs: clock.now() + retryInMs,
        attempts: job.attempt,
      });
    } finally {
      stopRenewing();
    }
  }

  #keepLease(job: ClaimedJob, lostLease: AbortController): () => void {
    const { database, clock, holder, leaseMs, events } = this.#parts;
    let cancel = () => {};
    let isStopped = false;
    const renew = async () => {
      try {
        const isHeld = await renewLease(database, job.jobId, holder, clock.now() + leaseMs);
        if (!isHeld && !isStopped) lostLease.abort(new Error(`Another server took over job ${job.jobId}.`));
      } catch (error) {
        events.jobQueueStalled(error);
      }
      if (!isStopped) schedule();
    };
    const schedule = () => {
      cancel = clock.after(leaseMs / 3, () => void renew());
    };
    schedule();
    return () => {
      isStopped = true;
      cancel();
    };
  }
}
