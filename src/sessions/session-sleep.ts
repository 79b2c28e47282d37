import type { RuntimeVersion } from '../runtimes/runtime.ts';
import type { ListedSandbox } from '../sandboxes/sandbox-driver.ts';
import type { SandboxLogArchive } from '../sandboxes/sandbox-log-archive.ts';
import type { Clock } from '../shared/clock.ts';
import { BerthError, messageOf } from '../shared/errors.ts';
import type { SandboxId, SessionId } from '../shared/ids.ts';
import { endSentences } from './end-sentences.ts';
import {
  type AsleepSession,
  type FoundAsleep,
  Hibernation,
  type HibernationParts,
  WakeFailure,
} from './hibernation.ts';
import { keepTrying } from '../shared/keep-trying.ts';
import type { LiveSession } from './live-session.ts';
import { LeftToSuccessor } from './session-custody.ts';
import type { Session, SessionEndReason } from './session.ts';

/** What the lifecycle of sessions lends. */
export interface SleepHost {
  readonly live: Map<string, LiveSession>;
  readonly isClosed: () => boolean;
  readonly enter: (
    id: SessionId,
    version: RuntimeVersion,
    sandboxId: SandboxId,
    startedAtMs: number,
  ) => LiveSession;
  readonly adopt: (session: Session, sandbox: ListedSandbox, version: RuntimeVersion) => Promise<void>;
  readonly becomeReady: (live: LiveSession) => void;
  readonly stopWatching: (live: LiveSession) => void;
  readonly save: (live: LiveSession, change: Partial<Session>) => Promise<void>;
  readonly failToStart: (live: LiveSession, error: unknown) => Promise<void>;
  readonly end: (live: LiveSession, reason: SessionEndReason) => Promise<void>;
}

export interface SessionSleepParts extends Omit<HibernationParts, 'onExpired'> {
  readonly logs: Pick<SandboxLogArchive, 'begin' | 'end'>;
  readonly clock: Clock;
}

/** How sessions pass from ready to hibernated and back. */
export class SessionSleep {
  readonly #parts: SessionSleepParts;
  readonly #host: SleepHost;
  readonly #hibernation: Hibernation;

  constructor(parts: SessionSleepParts, host: SleepHost) {
    this.#parts = parts;
    this.#host = host;
    this.#hibernation = new Hibernation({
      ...parts,
      // Another server hears of it then.
      onExpired: (key) => void (host.isClosed() || this.end(key, 'hibernation-over')),
    });
  }

  get asleep(): ReadonlyMap<string, AsleepSession> {
    return this.#hibernation.asleep;
  }

  /** At the idle limit: to disk, where the runtime wants that and it can be done, else the session ends. */
  async rest(live: LiveSession): Promise<void> {
    const { end, stopWatching } = this.#host;
    if (!this.#hibernation.isPossible(live)) return end(live, 'idle');
    const { calls } = live;
    const keepMs = await this.#hibernation.keepMsOf(live).catch(() => undefined);
    // Called meanwhile, it is not idle any more.
    if (live.state !== 'ready' || live.ending !== undefined || live.calls !== calls) return undefined;
    // Meanwhile another server decides.
    if (this.#host.isClosed()) return undefined;
    if (keepMs === undefined) return end(live, 'idle');
    live.state = 'hibernating';
    stopWatching(live);
    live.resting = this.#hibernate(live, keepMs);
    return live.resting;
  }

  /** Brings a hibernated session back; at once it is the one that others meet. Undefined when there is none. */
  wake(key: string): LiveSession | undefined {
    const asleep = this.#hibernation.take(key);
    if (asleep === undefined) return undefined;
    const live = this.#enter(asleep);
    live.started = this.#wake(live, asleep);
    live.started.catch(() => {});
    return live;
  }

  /** Ends a hibernated session: its memory and its files are gone when this resolves. */
  async end(key: string, reason: SessionEndReason): Promise<void> {
    const asleep = this.#hibernation.take(key);
    // Without it, a call has just begun to wake it.
    const live = asleep === undefined ? this.#host.live.get(key) : this.#enter(asleep);
    if (live === undefined) return;
    if (asleep !== undefined) live.state = 'ready';
    await this.#host.end(live, reason);
  }

  /** Its memory on disk is of no use any more. */
  async forget({ sandboxId, session }: LiveSession): Promise<void> {
    if (session?.hibernation !== undefined) await this.#hibernation.forget(sandboxId);
  }

  /**
   * Takes over a session that a former server was taking to disk or back, or had there. False when it is known that too little is left of
   * it. What cannot be known now is looked at again and again: until then its callers wait, and nothing of it is removed.
   */
  async adopt(session: Session, version: RuntimeVersion): Promise<boolean> {
    const { sandboxId } = session;
    const found = await this.#hibernation.find(session).catch(this.#delay(session));
    if (found?.kind === 'lost' || sandboxId === undefined) return false;
    if (found !== undefined) await this.#take(found, version);
    else {
      const unknown = { session: { ...session, sandboxId }, version };
      const live = this.#enter(unknown);
      live.started = this.#findLater(live, unknown);
      live.started.catch(() => {});
    }
    return true;
  }

  /** Forgets, without a change to them, those that are not among these keys any more. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.asleep.keys()) if (!keys.has(key)) this.#hibernation.take(key);
  }

  /** After a while in which another server was to look after it: times that ran out meanwhile are over now. */
  resume(): void {
    this.#hibernation.watchAll();
  }

  /** Removes memory on disk that no session needs. */
  sweep(): Promise<void> {
    return this.#hibernation.sweep((id) => this.#needed().has(id));
  }

  close(): void {
    this.#hibernation.close();
  }

  #needed(): ReadonlySet<SandboxId> {
    const asleep = [...this.asleep.values()].map(({ session }) => session.sandboxId);
    const onTheWay = [...this.#host.live.values()].filter(
      ({ state, session }) => state === 'hibernating' || session?.hibernation !== undefined,
    );
    return new Set([...asleep, ...onTheWay.map(({ sandboxId }) => sandboxId)]);
  }

  async #take(found: Exclude<FoundAsleep, { kind: 'lost' }>, version: RuntimeVersion): Promise<void> {
    if (found.kind === 'asleep') return this.#hibernation.lay(found.session, version);
    const { session, sandbox } = found;
    return this.#host.adopt(session, { ...sandbox, isPaused: false, hasExited: false }, version);
  }

  #delay(session: Session): (error: unknown) => undefined {
    const what = 'find hibernated session';
    return (error) => {
      this.#parts.events.sessionWorkDelayed({ what, session, error });
      return undefined;
    };
  }

  async #findLater(live: LiveSession, { session, version }: Omit<AsleepSession, 'key'>): Promise<void> {
    const { live: sessions, isClosed, failToStart } = this.#host;
    const { signal } = live.starting;
    const found = await keepTrying(() => this.#hibernation.find(session), {
      clock: this.#parts.clock,
      isOver: () => signal.aborted,
      onFailure: this.#delay(session),
      signal,
    }).catch(() => undefined);
    if (signal.aborted && isClosed()) {
      // The next server looks for itself.
      sessions.delete(live.key);
      signal.throwIfAborted();
    }
    if (!signal.aborted && found !== undefined && found.kind !== 'lost') {
      sessions.delete(live.key);
      live.state = 'hibernated';
      return this.#take(found, version);
    }
    live.endReason ??= 'lost';
    const told = new BerthError('runtime-client-error', wakeFailure(endSentences[live.endReason]));
    await failToStart(live, told);
    await this.#hibernation.forget(live.sandboxId);
    throw told;
  }

  #enter({ session, version }: Omit<AsleepSession, 'key'>): LiveSession {
    const live = this.#host.enter(session.id, version, session.sandboxId, session.startedAtMs);
    live.session = session;
    return live;
  }

  async #hibernate(live: LiveSession, keepMs: number): Promise<void> {
    const { live: sessions, end } = this.#host;
    try {
      // What the engine holds frozen it would not write down.
      await live.freezer?.wake();
      await live.freezer?.[Symbol.asyncDispose]();
      await this.#hibernation.toDisk(live, keepMs);
    } catch {
      live.state = 'ready';
      if (live.ending === undefined) void end(live, 'idle');
      return;
    }
    live.state = 'hibernated';
    if (sessions.get(live.key) === live) sessions.delete(live.key);
    this.#parts.logs.end(live.sandboxId);
    live.gone(new BerthError('unavailable', 'The session is hibernated. Call again.'));
  }

  async #wake(live: LiveSession, asleep: AsleepSession): Promise<void> {
    const { logs, steps } = this.#parts;
    live.log = await logs.begin(asleep.session.runtimeId, live.sandboxId).catch(() => undefined);
    try {
      live.sandbox = await this.#hibernation.fromDisk(asleep, live.starting.signal);
      live.starting.signal.throwIfAborted();
    } catch (error) {
      const told = await this.#failToWake(live, asleep, error);
      const { reason } = live.starting.signal;
      throw reason instanceof LeftToSuccessor ? reason : told;
    }
    live.session = this.#hibernation.awake(asleep.session);
    this.#host.becomeReady(live);
    steps?.reached('wake:ready');
    await this.#host.save(live, { state: 'ready' });
    steps?.reached('wake:saved');
    await this.#hibernation.forget(live.sandboxId);
  }

  /** What its callers are told. Whatever has run is never woken again from the same memory. */
  async #failToWake(
    live: LiveSession,
    { session, version }: AsleepSession,
    error: unknown,
  ): Promise<unknown> {
    const { live: sessions, isClosed, failToStart } = this.#host;
    const { reason, isCommitted } =
      error instanceof WakeFailure ? error : { reason: error, isCommitted: true };
    // The next server finds it awake.
    if (isCommitted && isClosed()) {
      sessions.delete(live.key);
      return reason;
    }
    const isWhole = !(reason instanceof BerthError && reason.code === 'internal');
    if (!isCommitted && isWhole && live.endReason === undefined) {
      sessions.delete(live.key);
      this.#parts.logs.end(live.sandboxId);
      live.state = 'hibernated';
      this.#hibernation.lay(session, version);
      return reason;
    }
    live.endReason ??= 'failed-to-wake';
    const told = new BerthError('runtime-client-error', wakeFailure(reason), { cause: reason });
    await failToStart(live, told);
    await this.#hibernation.forget(live.sandboxId);
    return told;
  }
}

function wakeFailure(reason: unknown): string {
  return `The session's memory could not be brought back, and the session has ended: ${messageOf(reason)} The next call of its id begins anew.`;
}
