import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BerthFixture } from '../fixture/berth-fixture.ts';
import { processesOf } from '../fixture/leftovers.ts';
import { readDatabase } from '../fixture/read-database.ts';
import { KnownSession } from './known-session.ts';
import type { SoakReport } from './soak-report.ts';
import type { SoakRuntime } from './soak-runtimes.ts';

export interface ConversationsParts {
  readonly berth: BerthFixture;
  readonly runtimes: readonly SoakRuntime[];
  readonly report: SoakReport;
  readonly random: (below: number) => number;
  readonly callers: number;
  readonly pauseMs: number;
}

/** Sessions per caller. */
const sessionsEach = 3;

/** What callers do with sessions of all runtimes, each of them at random. */
export class Conversations {
  readonly #parts: ConversationsParts;
  #sessions: KnownSession[] = [];
  /** What is being done to the server may break off calls. */
  mayFail = false;
  #prompts = 0;
  #versions = 1;

  constructor(parts: ConversationsParts) {
    this.#parts = parts;
  }

  get sessions(): readonly KnownSession[] {
    return this.#sessions;
  }

  /** Until the signal comes, and what has begun then has ended. */
  async goOn(isOver: AbortSignal): Promise<void> {
    const callers = Array.from({ length: this.#parts.callers }, () => this.#converse(isOver));
    await Promise.all(callers);
  }

  engineKilled(): void {
    for (const session of this.#sessions) session.engineKilled();
  }

  /** Calls the sessions that are not left alone just now. */
  async checkFree(): Promise<void> {
    for (const session of this.#sessions.filter(({ isLive, isFree }) => isLive && isFree))
      await this.#call(session);
  }

  /** Calls all of them: afterwards each is live. */
  async checkAll(): Promise<void> {
    for (const session of this.#sessions) await this.#call(session);
  }

  async #converse(isOver: AbortSignal): Promise<void> {
    while (!isOver.aborted) {
      const isDone = await this.#act();
      // While there is no server nothing is gained by asking often.
      await sleep(this.#parts.random(this.#parts.pauseMs) + (isDone ? 0 : 500));
    }
  }

  /** Whether it could be done. */
  async #act(): Promise<boolean> {
    const { random, callers, runtimes } = this.#parts;
    const free = this.#sessions.filter(({ isFree }) => isFree);
    const mayBegin = this.#sessions.length < callers * sessionsEach;
    const chance = random(100);
    if (mayBegin && (free.length === 0 || chance < 15)) {
      const runtime = pick(runtimes, random);
      const begun = new KnownSession({ id: randomUUID(), runtime, nowMs: () => performance.now() });
      this.#sessions.push(begun);
      return this.#call(begun, 'begin');
    }
    // All are left alone.
    if (free.length === 0) return true;
    const session = pick(free, random);
    const isDone = await this.#use(session, chance);
    // Around the times after which sandboxes are frozen and sessions go to disk.
    if (random(3) === 0) session.rest(2_000 + random(6_000));
    return isDone;
  }

  #use(session: KnownSession, chance: number): Promise<boolean> {
    if (chance < 25) return this.#stop(session);
    if (chance < 30) return this.#crash(session);
    if (chance < 40) return this.#stream(session);
    return chance < 42 ? this.#update() : this.#call(session);
  }

  async #call(session: KnownSession, what = 'call'): Promise<boolean> {
    const { berth, report } = this.#parts;
    const prompt = `prompt ${(this.#prompts += 1)}`;
    return this.#busy(session, what, async () => {
      const answer = await berth.agents.invoke(session.runtime.deployed, session.id, { prompt });
      const wrong = session.heard(answer, prompt);
      if (wrong !== undefined) report.found(wrong);
    });
  }

  async #stream(session: KnownSession): Promise<boolean> {
    const { berth, report, random } = this.#parts;
    const events = 2 + random(20);
    // The answer does not say which sandbox it is from.
    if (!session.isLive) return this.#call(session);
    return this.#busy(session, 'stream', async () => {
      const input = { stream: events, everyMs: 200 };
      const { length } = await berth.agents.stream(session.runtime.deployed, session.id, input, () => {});
      if (length !== events) report.found(`a stream of ${events} events ended after ${length}`);
    });
  }

  async #stop(session: KnownSession): Promise<boolean> {
    const { berth } = this.#parts;
    if (!session.isLive) return this.#call(session);
    const isStopped = await this.#busy(session, 'stop', () =>
      berth.agents.stop(session.runtime.deployed, session.id),
    );
    if (isStopped) this.#sessions = this.#sessions.filter((other) => other !== session);
    else session.mayHaveEnded();
    return isStopped;
  }

  /** Kills all processes of its sandbox, and has it begin anew. */
  async #crash(session: KnownSession): Promise<boolean> {
    const { berth, report } = this.#parts;
    if (!session.isLive) return this.#call(session);
    session.begin();
    const sandboxId = sandboxOf(berth.server.home, session.id);
    const pids = sandboxId === undefined ? [] : await processesOf(sandboxId).catch(() => []);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended with the one before.
      }
    }
    report.note('crash of an agent', { isDone: pids.length > 0, durationMs: 0 });
    // It is on disk, or on its way: nothing of it was harmed.
    if (pids.length === 0) return this.#call(session);
    session.mayHaveEnded();
    session.finish(await this.#tellOfCrash(session));
    return true;
  }

  /**
   * The first call may still meet the connection that breaks, or be told that the agent is gone; nothing is sent again for it. One
   * that no server has answered was not told, and the next one would be. Says whether the agent answered.
   */
  async #tellOfCrash(session: KnownSession): Promise<boolean> {
    const { berth } = this.#parts;
    for (let attempt = 0; attempt < 60; attempt += 1) {
      const status = await berth.agents.invoke(session.runtime.deployed, session.id, {}).then(
        () => 200,
        (error: unknown) => statusOf(error),
      );
      if (status === 200) return true;
      if (status !== undefined && status !== 503) return false;
      await sleep(500);
    }
    return false;
  }

  async #update(): Promise<boolean> {
    const { runtimes, random } = this.#parts;
    const greeting = `version ${(this.#versions += 1)}`;
    return this.#timed('new version', () =>
      pick(runtimes, random)
        .update(greeting)
        .catch((error: unknown) => {
          // Another caller's update, or one that a kill broke off, is still under way.
          if (!(error instanceof Error && error.name === 'ConflictException')) throw error;
        }),
    );
  }

  async #busy(session: KnownSession, what: string, work: () => Promise<void>): Promise<boolean> {
    session.begin();
    const isDone = await this.#timed(what, work);
    session.finish(isDone);
    return isDone;
  }

  #timed(what: string, work: () => Promise<void>): Promise<boolean> {
    return this.#parts.report.timed(what, work, () => this.mayFail);
  }
}

export function pick<Item>(items: readonly Item[], random: (below: number) => number): Item {
  const item = items[random(items.length)];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}

function sandboxOf(home: string, sessionId: string): string | undefined {
  const [session] = readDatabase(
    home,
    "select sandbox_id from sessions where session_id = ? and state = 'ready'",
    sessionId,
  );
  const sandboxId = session?.['sandbox_id'];
  return typeof sandboxId === 'string' ? sandboxId : undefined;
}

/** Undefined when no server answered. */
function statusOf(error: unknown): number | undefined {
  const metadata = error instanceof Error && '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
