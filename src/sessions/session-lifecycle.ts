import type { InvocationTarget, RuntimeVersion } from '../runtimes/runtime.ts';
import type { ListedSandbox, RunningSandbox, SandboxExit } from '../sandboxes/sandbox-driver.ts';
import { BerthError, messageOf } from '../shared/errors.ts';
import { newSandboxId, type SandboxId, type SessionId } from '../shared/ids.ts';
import { ActivityJournal } from './activity-journal.ts';
import { SessionFreezer } from './freeze/session-freezer.ts';
import { IdleClock } from './idle-clock.ts';
import { keepTrying } from '../shared/keep-trying.ts';
import { lastLogLines } from './last-log-lines.ts';
import { LiveSession } from './live-session.ts';
import { endSentences } from './end-sentences.ts';
import { obtainSandbox } from './obtain-sandbox.ts';
import { removeUntilGone } from './remove-until-gone.ts';
import { saveSession } from './save-session.ts';
import { LeftToSuccessor } from './session-custody.ts';
import type { SessionLifecycleParts } from './session-lifecycle-parts.ts';
import { SessionSleep } from './session-sleep.ts';
import { SessionWatch } from './session-watch.ts';
import type { Session, SessionEndReason } from './session.ts';
import { goneError } from './start-failure.ts';
import { untilStill } from './until-still.ts';

const endLimitMs = 30_000;

/** The live sessions of this server and how each passes from state to state: starting, ready, stopping, ended. */
export class SessionLifecycle {
  readonly #parts: SessionLifecycleParts;
  readonly #live = new Map<string, LiveSession>();
  readonly #watches = new Map<LiveSession, SessionWatch>();
  readonly journal: ActivityJournal;
  readonly sleep: SessionSleep;
  #isClosed = false;
  /** About to leave everything to another server, or gone. */
  #isLeaving = false;
  /** Another server may decide: nothing is done with sessions. */
  #isAtRest = false;
  /** What there was to do meanwhile. */
  readonly #postponed: (() => Promise<void>)[] = [];

  constructor(parts: SessionLifecycleParts) {
    this.#parts = parts;
    this.journal = new ActivityJournal(parts);
    this.sleep = new SessionSleep(
      { ...parts, engine: parts.driver.hibernation },
      {
        live: this.#live,
        isClosed: () => this.#isClosed || this.#isLeaving,
        enter: (id, version, sandboxId, startedAtMs) =>
          this.#enter(id, version, sandboxId, startedAtMs, parts.clock.now()),
        adopt: (session, sandbox, version) => this.adopt(session, sandbox, version),
        becomeReady: (live) => this.#becomeReady(live, parts.pingIntervalMs),
        stopWatching: (live) => this.#stopWatching(live),
        save: (live, change) => this.#save(live, change),
        failToStart: (live, error) => this.#failToStart(live, error),
        end: (live, reason) => this.end(live, reason),
      },
    );
  }

  /** Those that have not ended, by key. */
  get live(): ReadonlyMap<string, LiveSession> {
    return this.#live;
  }

  /** Starts an incarnation; at once it is the one that others meet. */
  begin(target: InvocationTarget, id: SessionId): LiveSession {
    const { random, clock } = this.#parts;
    const startedAtMs = clock.now();
    const live = this.#enter(id, target.version, newSandboxId(random), startedAtMs, startedAtMs);
    live.started = this.#start(live, target, startedAtMs);
    live.started.catch(() => {});
    return live;
  }

  /** Takes over a session whose sandbox outlived the server that had started it. */
  async adopt(session: Session, sandbox: ListedSandbox, version: RuntimeVersion): Promise<void> {
    const { startedAtMs, lastActivityAtMs } = session;
    const live = this.#enter(session.id, version, sandbox.id, startedAtMs, lastActivityAtMs);
    // Whoever calls meanwhile waits.
    const adopted = Promise.withResolvers<void>();
    live.started = adopted.promise;
    live.session = session;
    live.sandbox = sandbox;
    live.log = await this.#parts.logs.begin(session.runtimeId, sandbox.id).catch(() => undefined);
    this.#parts.events.sessionAdopted(session);
    if (session.state === 'ready' && !sandbox.hasExited) this.#becomeReady(live, 0, sandbox.isPaused);
    else if (this.#isAtRest) this.#postponed.push(() => this.#goOn(live, session, sandbox));
    else await this.#goOn(live, session, sandbox);
    adopted.resolve();
  }

  /** With one that was starting, stopping, or whose agent has ended meanwhile. */
  async #goOn(live: LiveSession, session: Session, sandbox: RunningSandbox): Promise<void> {
    if (session.state === 'stopping') {
      live.state = 'ready';
      void this.end(live, session.endReason ?? 'stopped');
      return;
    }
    const isDead = session.state === 'ready';
    live.started = isDead ? this.#adoptDead(live, sandbox) : this.#resume(live, sandbox);
    live.started.catch(() => {});
    if (isDead) await live.started;
  }

  /** Takes over one whose sandbox is on disk, or was on its way. False when too little is left of it. */
  async adoptAsleep(session: Session, version: RuntimeVersion): Promise<boolean> {
    const isFound = await this.sleep.adopt(session, version);
    if (isFound && session.sandboxId !== undefined) this.#parts.sandboxIds.add(session.sandboxId);
    return isFound;
  }

  /** Ends a session for `reason`, whatever it is doing; resolves when nothing is left of its sandbox. Idempotent. */
  end(live: LiveSession, reason: SessionEndReason, exit?: SandboxExit): Promise<void> {
    live.ending ??= this.#end(live, reason, exit);
    return live.ending;
  }

  /**
   * Leaves everything to another server: starts are broken off where they are, ends are waited for, and of sandboxes that end
   * by themselves only the calls are told. What is on disk then is all that there is to know. Rejects with `unavailable` when the engine does not remove what has ended; `resume`
   * then goes on.
   */
  async pause(): Promise<void> {
    this.#isLeaving = true;
    const starts = [...this.#live.values()].filter(({ state }) => state === 'starting');
    for (const live of starts) live.starting.abort(new LeftToSuccessor());
    await Promise.all(starts.map((live) => live.started.catch(() => {})));
    this.#isAtRest = true;
    for (const watch of this.#watches.values()) watch.rest();
    const ms = this.#parts.stopGraceMs + endLimitMs;
    await untilStill([...this.#live.values()], { clock: this.#parts.clock, ms });
    await this.journal.flush();
  }

  /** For a server that takes over: adopts and does nothing else, until `resume`. */
  standBy(): void {
    this.#isLeaving = true;
    this.#isAtRest = true;
  }

  /**
   * This server decides: nobody took over, or the one before has left. What is frozen is asked of the engine: another server may have
   * changed it meanwhile. Never rejects.
   */
  async resume(): Promise<void> {
    const { driver, events } = this.#parts;
    this.#isLeaving = false;
    this.#isAtRest = false;
    const ready = [...this.#live.values()].filter(({ state }) => state === 'ready');
    // What one of them has begun to freeze its next freezer has to know.
    await Promise.all(ready.map(async ({ freezer }) => freezer?.[Symbol.asyncDispose]()));
    const listed = await driver.list().catch((error: unknown) => {
      events.sessionWorkDelayed({ what: 'list sandboxes', session: undefined, error });
      return undefined;
    });
    const awake = new Set(listed?.filter(({ isPaused }) => !isPaused).map(({ id }) => id));
    for (const task of this.#postponed.splice(0)) void task();
    for (const live of ready) {
      if (live.state !== 'ready') continue;
      this.#watches.get(live)?.[Symbol.dispose]();
      // Where it is not known it counts as frozen, and is thawed: for one that runs that changes nothing.
      this.#watch(live, 0, !awake.has(live.sandboxId));
      if (listed === undefined) this.#thawInTime(live);
    }
    this.sleep.resume();
  }

  /** Another server has done something with it: this one knows it no longer, and leaves it as it is. */
  readonly letGo = (live: LiveSession): void => {
    this.#stopWatching(live);
    this.#leave(
      live,
      new BerthError('unavailable', 'Another server has taken the session over. Call again.'),
    );
  };

  /** Whoever is to know what becomes of sandboxes hears it from elsewhere. */
  stopWatching(): void {
    for (const watch of this.#watches.values()) watch[Symbol.dispose]();
    this.#watches.clear();
  }

  /** Stops watching and starting; ready sandboxes go on running. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.sleep.close();
    this.stopWatching();
    const starts = [...this.#live.values()].filter((live) => live.state === 'starting');
    for (const live of starts)
      live.starting.abort(new BerthError('unavailable', 'The server is closing. Try again shortly.'));
    await Promise.all(starts.map((live) => live.started.catch(() => {})));
    await Promise.all([...this.#live.values()].flatMap(({ resting }) => resting ?? []));
    for (const { freezer } of this.#live.values()) await freezer?.[Symbol.asyncDispose]();
    await this.journal.close();
  }

  #enter(
    id: SessionId,
    version: RuntimeVersion,
    sandboxId: SandboxId,
    startedAtMs: number,
    lastActivityAtMs: number,
  ): LiveSession {
    const idle = new IdleClock({ startedAtMs, lastActivityAtMs, isStrict: this.#parts.isStrict });
    const live = new LiveSession({ id, version, sandboxId, idle });
    this.#live.set(live.key, live);
    this.#parts.sandboxIds.add(sandboxId);
    return live;
  }

  /** No call must reach it: its end has begun when this resolves. */
  async #adoptDead(live: LiveSession, { id }: RunningSandbox): Promise<void> {
    const exit = await this.#parts.driver.waitForExit(id).catch(() => undefined);
    live.state = 'ready';
    void this.end(live, exit?.outOfMemory === true ? 'out-of-memory' : 'crashed', exit);
  }

  async #start(
    live: LiveSession,
    { runtime, endpoint, version }: InvocationTarget,
    startedAtMs: number,
  ): Promise<void> {
    const { events, clock, holder, ownershipMs } = this.#parts;
    const { id } = live;
    const scope = { accountId: runtime.accountId, region: runtime.region };
    try {
      const claim = {
        scope,
        runtimeId: runtime.id,
        id,
        endpoint: endpoint.name,
        version: version.version,
        startedAtMs,
      };
      const ownership = { holder, expiresAtMs: startedAtMs + ownershipMs };
      await obtainSandbox(live, claim, ownership, this.#parts);
      live.starting.signal.throwIfAborted();
    } catch (error) {
      throw await this.#toldOf(live, error);
    }
    const { session, sandbox } = live;
    this.#becomeReady(live, this.#parts.pingIntervalMs);
    this.#parts.steps?.reached('start:ready');
    if (session?.state !== 'ready') await this.#save(live, { state: 'ready', readyAtMs: clock.now() });
    this.#parts.steps?.reached('start:saved');
    if (live.session === undefined || sandbox === undefined) return;
    events.sessionReady({ session: live.session, sandbox, durationMs: clock.now() - startedAtMs });
  }

  async #resume(live: LiveSession, sandbox: RunningSandbox): Promise<void> {
    try {
      await this.#parts.starter.resume(sandbox, live.version, live.starting.signal);
      live.starting.signal.throwIfAborted();
    } catch (error) {
      throw await this.#toldOf(live, error);
    }
    this.#becomeReady(live, this.#parts.pingIntervalMs);
    await this.#save(live, { state: 'ready', readyAtMs: live.session?.readyAtMs ?? this.#parts.clock.now() });
  }

  #becomeReady(live: LiveSession, firstPingMs: number, isFrozen = false): void {
    if (live.state === 'starting' && live.session?.state === 'starting')
      live.idle.active(this.#parts.clock.now());
    live.state = 'ready';
    this.#watch(live, firstPingMs, isFrozen);
  }

  #watch(live: LiveSession, firstPingMs: number, isFrozen: boolean): void {
    const { driver, probe, clock, pingIntervalMs } = this.#parts;
    const { sandbox, session } = live;
    if (sandbox === undefined || session === undefined)
      throw new Error('A session became ready without a sandbox.');
    const freezer = new SessionFreezer({ ...this.#parts, live, sandboxId: sandbox.id, isFrozen });
    live.freezer = freezer;
    const watch = new SessionWatch({
      driver,
      probe,
      clock,
      pingIntervalMs,
      live,
      sandbox,
      startedAtMs: session.startedAtMs + (session.asleepMs ?? 0),
      firstPingMs,
      freezer,
      onBusy: () => this.journal.note(live),
      end: (reason, exit) => {
        if (this.#isAtRest) {
          live.gone(goneError(exit, endSentences[reason]));
          this.#postponed.push(() => this.end(live, reason, exit));
        } else void (reason === 'idle' ? this.sleep.rest(live) : this.end(live, reason, exit));
      },
    });
    if (this.#isAtRest) watch.rest();
    this.#watches.set(live, watch);
  }

  /** What the callers of a start that failed are told, when nothing is left of it. */
  async #toldOf(live: LiveSession, error: unknown): Promise<unknown> {
    await this.#failToStart(live, error);
    const { reason } = live.starting.signal;
    return reason instanceof LeftToSuccessor ? reason : error;
  }

  /** Resolves when nothing is left of the start, or it is known that this will take time: its id stays taken until then. */
  async #failToStart(live: LiveSession, error: unknown): Promise<void> {
    if (live.starting.signal.reason instanceof LeftToSuccessor) {
      return this.#forget(live);
    }
    const { driver, events, clock } = this.#parts;
    // Its address is another's as soon as it is removed.
    live.sandbox = undefined;
    const endReason = live.endReason ?? 'failed-to-start';
    const gone = new BerthError('runtime-client-error', messageOf(error));
    const logLines = await lastLogLines(live);
    const ended = async () => {
      await this.#save(live, { state: 'ended', endedAtMs: clock.now(), endReason, hibernation: undefined });
      this.#leave(live, gone);
      if (live.session !== undefined)
        events.startFailed({ session: live.session, reason: messageOf(error), logLines });
    };
    const isRemoved = await driver.remove(live.sandboxId, 0).then(
      () => true,
      () => false,
    );
    if (isRemoved) return ended();
    live.state = 'stopping';
    const saved = this.#save(live, { state: 'stopping', endReason });
    live.removal = saved.then(() => this.#remove(live, 0)).then(ended);
    return saved;
  }

  async #end(live: LiveSession, reason: SessionEndReason, exit: SandboxExit | undefined): Promise<void> {
    live.endReason ??= reason;
    const error = goneError(exit, endSentences[reason]);
    if (live.state === 'hibernating') {
      await live.resting;
      if (live.isHibernated) return this.sleep.end(live.key, reason);
    }
    if (live.state === 'starting') {
      live.starting.abort(error);
      await live.started.catch(() => {});
    }
    if (live.state !== 'ready') return live.removal;
    const { events, clock, stopGraceMs, steps } = this.#parts;
    const isOver = exit !== undefined || reason === 'lost';
    live.state = 'stopping';
    live.endError = error;
    this.#stopWatching(live);
    // Calls that wait for an agent that is already dead must not wait for the clean-up.
    if (isOver) live.gone(error);
    await this.#save(live, { state: 'stopping', endReason: reason });
    steps?.reached('stop:saved');
    await this.#remove(live, isOver ? 0 : stopGraceMs);
    steps?.reached('stop:released');
    await this.sleep.forget(live);
    const endedAtMs = clock.now();
    await this.#save(live, { state: 'ended', endedAtMs, endReason: reason, hibernation: undefined });
    steps?.reached('stop:ended');
    this.#leave(live, error);
    if (live.session === undefined) return;
    const logLines = isOver || reason === 'unhealthy' ? await lastLogLines(live) : [];
    events.sessionEnded({ session: live.session, reason, exit, logLines });
  }

  #thawInTime(live: LiveSession): void {
    const { freezer, session } = live;
    const { clock, events } = this.#parts;
    const isOver = () =>
      this.#isClosed || this.#isAtRest || live.freezer !== freezer || live.state !== 'ready';
    const onFailure = (error: unknown) => events.sessionWorkDelayed({ what: 'thaw sandbox', session, error });
    void keepTrying(async () => freezer?.wake(), { clock, isOver, onFailure });
  }

  #stopWatching(live: LiveSession): void {
    this.#watches.get(live)?.[Symbol.dispose]();
    this.#watches.delete(live);
    this.journal.forget(live);
  }

  #forget(live: LiveSession): void {
    live.state = 'ended';
    if (this.#live.get(live.key) === live) this.#live.delete(live.key);
    this.#parts.sandboxIds.delete(live.sandboxId);
  }

  #leave(live: LiveSession, error: BerthError): void {
    this.#forget(live);
    this.#parts.logs.end(live.sandboxId);
    live.gone(error);
  }

  #remove(live: LiveSession, graceMs: number): Promise<void> {
    return removeUntilGone(live, graceMs, { ...this.#parts, isClosed: () => this.#isClosed });
  }

  #save(live: LiveSession, change: Partial<Session>): Promise<void> {
    const isOver = () => this.#isClosed || this.#isLeaving;
    return saveSession(live, change, { ...this.#parts, isOver });
  }
}
