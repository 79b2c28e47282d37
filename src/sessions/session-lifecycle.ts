import type { InvocationTarget, RuntimeVersion } from '../runtimes/runtime.ts';
import type { RunningSandbox, SandboxDriver, SandboxExit } from '../sandboxes/sandbox-driver.ts';
import type { SandboxLogArchive } from '../sandboxes/sandbox-log-archive.ts';
import { lastLines } from '../sandboxes/sandbox-log-reading.ts';
import { type Clock, sleep } from '../shared/clock.ts';
import { BerthError, messageOf } from '../shared/errors.ts';
import { newSandboxId, type RandomSource, type SandboxId, type SessionId } from '../shared/ids.ts';
import { ActivityJournal } from './activity-journal.ts';
import type { AgentProbe } from './agent-probe.ts';
import { IdleClock } from './idle-clock.ts';
import { LiveSession } from './live-session.ts';
import type { SandboxStarter } from './sandbox-starter.ts';
import type { SessionEvents } from './session-events.ts';
import type { SessionStore } from './session-store.ts';
import { SessionWatch } from './session-watch.ts';
import type { Session, SessionEndReason } from './session.ts';
import { operationInProgress } from './session-conflict.ts';
import { goneError } from './start-failure.ts';

export interface SessionLifecycleParts {
  readonly store: SessionStore;
  readonly starter: Pick<SandboxStarter, 'start' | 'resume'>;
  readonly driver: Pick<SandboxDriver, 'remove' | 'waitForExit'>;
  readonly probe: AgentProbe;
  readonly logs: Pick<SandboxLogArchive, 'begin' | 'end'>;
  readonly events: SessionEvents;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Names this server, the same after a restart. */
  readonly holder: string;
  readonly ownershipMs: number;
  readonly pingIntervalMs: number;
  readonly stopGraceMs: number;
  readonly isStrict: boolean;
}

const logTail = { lines: 20, maxBytes: 16 * 1024 };
const longestRetryMs = 30_000;

/** The live sessions of this server and how each passes from state to state: starting, ready, stopping, ended. */
export class SessionLifecycle {
  readonly #parts: SessionLifecycleParts;
  readonly #live = new Map<string, LiveSession>();
  readonly #watches = new Map<LiveSession, SessionWatch>();
  readonly #sandboxIds = new Set<SandboxId>();
  readonly journal: ActivityJournal;
  #isClosed = false;

  constructor(parts: SessionLifecycleParts) {
    this.#parts = parts;
    this.journal = new ActivityJournal(parts);
  }

  /** Those that have not ended, by key. */
  get live(): ReadonlyMap<string, LiveSession> {
    return this.#live;
  }

  /** Grows before a sandbox is started and shrinks after it is gone, so that a sweep that asks it sees no stranger. */
  get sandboxIds(): ReadonlySet<SandboxId> {
    return this.#sandboxIds;
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
  async adopt(session: Session, sandbox: RunningSandbox, version: RuntimeVersion): Promise<void> {
    const { startedAtMs, lastActivityAtMs } = session;
    const live = this.#enter(session.id, version, sandbox.id, startedAtMs, lastActivityAtMs);
    live.session = session;
    live.sandbox = sandbox;
    live.log = await this.#parts.logs.begin(session.runtimeId, sandbox.id).catch(() => undefined);
    this.#parts.events.sessionAdopted(session);
    if (session.state === 'ready') this.#becomeReady(live, 0);
    else if (session.state === 'stopping') {
      live.state = 'ready';
      void this.end(live, session.endReason ?? 'stopped');
    } else {
      live.started = this.#resume(live, sandbox);
      live.started.catch(() => {});
    }
  }

  /** Ends a session for `reason`, whatever it is doing; resolves when nothing is left of its sandbox. Idempotent. */
  end(live: LiveSession, reason: SessionEndReason, exit?: SandboxExit): Promise<void> {
    live.ending ??= this.#end(live, reason, exit);
    return live.ending;
  }

  /** Stops watching and starting; ready sandboxes go on running. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const watch of this.#watches.values()) watch[Symbol.dispose]();
    this.#watches.clear();
    const starts = [...this.#live.values()].filter((live) => live.state === 'starting');
    for (const live of starts)
      live.starting.abort(new BerthError('unavailable', 'The server is closing. Try again shortly.'));
    await Promise.all(starts.map((live) => live.started.catch(() => {})));
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
    this.#sandboxIds.add(sandboxId);
    return live;
  }

  async #start(
    live: LiveSession,
    { runtime, endpoint, version }: InvocationTarget,
    startedAtMs: number,
  ): Promise<void> {
    const { store, starter, events, clock, holder, ownershipMs } = this.#parts;
    const { id, sandboxId } = live;
    const scope = { accountId: runtime.accountId, region: runtime.region };
    try {
      const claim = {
        scope,
        runtimeId: runtime.id,
        id,
        endpoint: endpoint.name,
        version: version.version,
        sandboxId,
        startedAtMs,
      };
      live.session = await store.claim(
        claim,
        { holder, expiresAtMs: startedAtMs + ownershipMs },
        startedAtMs,
      );
      if (live.session === undefined) throw operationInProgress();
      const { signal } = live.starting;
      live.sandbox = await starter.start({
        sandboxId,
        scope,
        version,
        signal,
        onLog: (log) => (live.log = log),
      });
      signal.throwIfAborted();
    } catch (error) {
      await this.#failToStart(live, error);
      throw error;
    }
    const { session, sandbox } = live;
    this.#becomeReady(live, this.#parts.pingIntervalMs);
    await this.#save(live, { state: 'ready', readyAtMs: clock.now() });
    events.sessionReady({ session: live.session ?? session, sandbox, durationMs: clock.now() - startedAtMs });
  }

  async #resume(live: LiveSession, sandbox: RunningSandbox): Promise<void> {
    try {
      await this.#parts.starter.resume(sandbox, live.version, live.starting.signal);
      live.starting.signal.throwIfAborted();
    } catch (error) {
      await this.#failToStart(live, error);
      throw error;
    }
    this.#becomeReady(live, this.#parts.pingIntervalMs);
    await this.#save(live, { state: 'ready', readyAtMs: this.#parts.clock.now() });
  }

  #becomeReady(live: LiveSession, firstPingMs: number): void {
    const { driver, probe, clock, pingIntervalMs } = this.#parts;
    const { sandbox, session } = live;
    if (sandbox === undefined || session === undefined)
      throw new Error('A session became ready without a sandbox.');
    if (live.state === 'starting' && session.state === 'starting') live.idle.active(clock.now());
    live.state = 'ready';
    const watch = new SessionWatch({
      driver,
      probe,
      clock,
      pingIntervalMs,
      live,
      sandbox,
      startedAtMs: session.startedAtMs,
      firstPingMs,
      onBusy: () => this.journal.note(live),
      end: (reason, exit) => void this.end(live, reason, exit),
    });
    this.#watches.set(live, watch);
  }

  /** Resolves when nothing is left of the start, or it is known that this will take time: its id stays taken until then. */
  async #failToStart(live: LiveSession, error: unknown): Promise<void> {
    const { driver, events, clock } = this.#parts;
    const endReason = live.endReason ?? 'failed-to-start';
    const gone = new BerthError('runtime-client-error', messageOf(error));
    const logLines = await this.#logLines(live);
    const ended = async () => {
      await this.#save(live, { state: 'ended', endedAtMs: clock.now(), endReason });
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
    await this.#save(live, { state: 'stopping', endReason });
    live.removal = this.#remove(live, 0).then(ended);
    return undefined;
  }

  async #end(live: LiveSession, reason: SessionEndReason, exit: SandboxExit | undefined): Promise<void> {
    live.endReason ??= reason;
    const error = goneError(exit, endSentences[reason]);
    if (live.state === 'starting') {
      live.starting.abort(error);
      await live.started.catch(() => {});
    }
    if (live.state !== 'ready') return live.removal;
    const { events, clock, stopGraceMs } = this.#parts;
    const isOver = exit !== undefined || reason === 'lost';
    live.state = 'stopping';
    this.#watches.get(live)?.[Symbol.dispose]();
    this.#watches.delete(live);
    this.journal.forget(live);
    // Calls that wait for an agent that is already dead must not wait for the clean-up.
    if (isOver) live.gone(error);
    await this.#save(live, { state: 'stopping', endReason: reason });
    await this.#remove(live, isOver ? 0 : stopGraceMs);
    await this.#save(live, { state: 'ended', endedAtMs: clock.now(), endReason: reason });
    this.#leave(live, error);
    if (live.session === undefined) return;
    const logLines = isOver || reason === 'unhealthy' ? await this.#logLines(live) : [];
    events.sessionEnded({ session: live.session, reason, exit, logLines });
  }

  #leave(live: LiveSession, error: BerthError): void {
    live.state = 'ended';
    if (this.#live.get(live.key) === live) this.#live.delete(live.key);
    this.#sandboxIds.delete(live.sandboxId);
    this.#parts.logs.end(live.sandboxId);
    live.gone(error);
  }

  /** The id stays taken until its sandbox is really gone, however long the engine takes to answer. */
  async #remove(live: LiveSession, graceMs: number): Promise<void> {
    const { driver, events, clock } = this.#parts;
    for (let retryMs = 500; ; retryMs = Math.min(longestRetryMs, retryMs * 2)) {
      try {
        await driver.remove(live.sandboxId, graceMs);
        return;
      } catch (error) {
        events.sessionWorkDelayed({ what: 'remove sandbox', session: live.session, error });
      }
      if (this.#isClosed) return;
      await sleep(clock, retryMs);
    }
  }

  /** A state that cannot be written is found out after a restart: what runs is compared with what is written. */
  async #save(live: LiveSession, change: Partial<Session>): Promise<void> {
    if (live.session === undefined) return;
    live.session = { ...live.session, ...change, lastActivityAtMs: live.idle.activeAtMs };
    try {
      await this.#parts.store.update(live.session);
    } catch (error) {
      this.#parts.events.sessionWorkDelayed({ what: 'write state', session: live.session, error });
    }
  }

  async #logLines({ log }: LiveSession): Promise<readonly string[]> {
    return log === undefined ? [] : lastLines(log, logTail).catch(() => []);
  }
}

/** For those whose call was running. */
const endSentences: Readonly<Record<SessionEndReason, string>> = {
  stopped: 'The session was stopped.',
  idle: 'The session was idle for too long and ended.',
  'max-lifetime': 'The session reached its maximum lifetime and ended.',
  crashed: "The agent's process exited.",
  'out-of-memory': 'The agent ran out of memory.',
  unhealthy: 'The agent did not answer its health checks and was ended.',
  'disk-pressure': "The host ran out of disk space, and the session's files took the most of it.",
  'failed-to-start': 'The agent did not start.',
  'runtime-deleted': 'The runtime was deleted.',
  lost: "The session's sandbox is gone.",
};
