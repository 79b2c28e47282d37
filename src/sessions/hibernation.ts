import type { RuntimeVersion } from '../runtimes/runtime.ts';
import type { SandboxOptions } from '../runtimes/sandbox-options.ts';
import type { RunningSandbox, SandboxHibernation } from '../sandboxes/sandbox-driver.ts';
import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { RuntimeId, SandboxId } from '../shared/ids.ts';
import type { Steps } from '../shared/steps.ts';
import type { CheckpointVault } from './checkpoint-vault.ts';
import { keepTrying } from '../shared/keep-trying.ts';
import type { LiveSession } from './live-session.ts';
import type { SandboxStarter } from './sandbox-starter.ts';
import type { SessionEvents } from './session-events.ts';
import { sessionKey } from './session-key.ts';
import type { SessionStore } from './session-store.ts';
import type { Session } from './session.ts';

export interface HibernationParts {
  /** Undefined: this engine cannot. */
  readonly engine: SandboxHibernation | undefined;
  readonly vault: CheckpointVault;
  readonly store: Pick<SessionStore, 'update'>;
  readonly starter: Pick<SandboxStarter, 'wake'>;
  readonly events: Pick<
    SessionEvents,
    'sessionHibernated' | 'hibernationFailed' | 'sessionWoken' | 'sessionWorkDelayed'
  >;
  readonly optionsOf: (runtimeId: RuntimeId) => Promise<SandboxOptions>;
  readonly clock: Clock;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
  /** Told when the time that a session is kept is over. */
  readonly onExpired: (key: string) => void;
}

/** A session whose sandbox is on disk, memory and files. */
export interface AsleepSession {
  readonly key: string;
  readonly session: Session & { readonly sandboxId: SandboxId };
  readonly version: RuntimeVersion;
}

/** What a server finds of a session that a killed one was taking to disk or back. */
export type FoundAsleep =
  | { readonly kind: 'asleep'; readonly session: Session }
  /** To be adopted as it is written now. */
  | { readonly kind: 'awake'; readonly session: Session; readonly sandbox: RunningSandbox }
  /** It is known that too little is left. */
  | { readonly kind: 'lost' };

/** setTimeout knows no longer times. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Takes sessions to disk and back (docs/decisions/0021). Each step is written before it is taken: `hibernating` before the sandbox is stopped,
 * the checkpoint before its processes end, `waking` before they run again. A checkpoint is woken once at most.
 */
export class Hibernation {
  readonly #parts: HibernationParts;
  readonly #asleep = new Map<string, AsleepSession>();
  readonly #timers = new Map<string, () => void>();
  #isClosed = false;

  constructor(parts: HibernationParts) {
    this.#parts = parts;
  }

  get asleep(): ReadonlyMap<string, AsleepSession> {
    return this.#asleep;
  }

  /** Whether a sandbox's wall lets it; whether its runtime wants it is `keepMsOf`'s. */
  isPossible({ sandbox }: LiveSession): boolean {
    return sandbox !== undefined && this.#parts.engine?.canHibernate(sandbox.isolation) === true;
  }

  /** How long the runtime wants its idle sessions kept; undefined: they end. */
  async keepMsOf({ version }: LiveSession): Promise<number | undefined> {
    return (await this.#parts.optionsOf(version.runtimeId)).hibernate;
  }

  /** Resolves when its sandbox is on disk and nowhere else. When it rejects, the sandbox runs and is written as `ready`. */
  async toDisk(live: LiveSession, keepMs: number): Promise<void> {
    const { engine, vault, store, events, clock, steps } = this.#parts;
    const { session } = live;
    if (session === undefined || engine === undefined) throw new Error('Nothing to hibernate.');
    const sinceMs = clock.now();
    const hibernation = { sinceMs, untilMs: sinceMs + keepMs };
    const id = live.sandboxId;
    const going: Session = {
      ...session,
      state: 'hibernating',
      hibernation,
      lastActivityAtMs: live.idle.activeAtMs,
    };
    let sizeBytes: number;
    try {
      await store.update(going);
      steps?.reached('hibernate:written');
      sizeBytes = await engine.checkpoint(id, (folder) => vault.seal(id, folder));
    } catch (error) {
      events.hibernationFailed({ session, error });
      await vault.remove(id).catch(() => undefined);
      live.session = { ...session, lastActivityAtMs: live.idle.activeAtMs };
      await store.update(live.session).catch(() => undefined);
      throw error;
    }
    steps?.reached('hibernate:kept');
    await this.#park(going, id);
    const gone: Session = { ...going, state: 'hibernated' };
    // Not written, it is found out after a restart: the checkpoint is there and the sandbox is not.
    await store
      .update(gone)
      .catch((error: unknown) => events.sessionWorkDelayed({ what: 'write state', session: gone, error }));
    steps?.reached('hibernate:saved');
    this.lay(gone, live.version);
    events.sessionHibernated({ session: gone, sizeBytes, durationMs: clock.now() - sinceMs });
  }

  /**
   * Brings a session back, and removes its checkpoint. When it rejects with `isCommitted` false, it is on disk as before; otherwise its
   * memory has been used and is lost.
   */
  async fromDisk({ session, version }: AsleepSession, signal: AbortSignal): Promise<RunningSandbox> {
    const { engine, vault, store, starter, clock, events, steps } = this.#parts;
    if (engine === undefined) throw new WakeFailure(undefined, false);
    const beganAtMs = clock.now();
    const id = session.sandboxId;
    let isCommitted = false;
    const commit = async () => {
      await store.update({ ...session, state: 'waking' });
      isCommitted = true;
      steps?.reached('wake:committed');
    };
    try {
      const sizeBytes = await vault.sizeOf(id);
      if (sizeBytes === undefined)
        throw new BerthError('internal', 'There is nothing of it on disk any more.');
      const waking = { sizeBytes, load: (folder: string) => vault.open(id, folder), commit };
      const sandbox = await starter.wake(version, signal, (until) => engine.wake(id, waking, until));
      events.sessionWoken({ session, sandbox, durationMs: clock.now() - beganAtMs });
      return sandbox;
    } catch (error) {
      throw new WakeFailure(await this.#withProof(id, error), isCommitted);
    }
  }

  /** A session is asleep from now on, and ends when its time is over. Idempotent. */
  lay(session: Session, version: RuntimeVersion): void {
    const { sandboxId } = session;
    if (sandboxId === undefined) throw new Error('A session without a sandbox cannot be asleep.');
    const key = sessionKey(session.runtimeId, session.id);
    this.#asleep.set(key, { key, session: { ...session, sandboxId }, version });
    this.#watch(key, session.hibernation?.untilMs ?? 0);
  }

  /** It is not asleep any more; the caller does something else with it. */
  take(key: string): AsleepSession | undefined {
    const found = this.#asleep.get(key);
    this.#asleep.delete(key);
    this.#timers.get(key)?.();
    this.#timers.delete(key);
    return found;
  }

  /**
   * For a session that is written as `hibernating`, `hibernated` or `waking`, before anybody calls. It may be asked again when it rejects:
   * then nothing is known.
   */
  async find(session: Session): Promise<FoundAsleep> {
    const { engine, vault, store } = this.#parts;
    const { sandboxId: id, state } = session;
    if (engine === undefined || id === undefined) return { kind: 'lost' };
    const known = this.#asleep.get(sessionKey(session.runtimeId, session.id));
    if (known?.session.sandboxId === id && state === 'hibernated') return { kind: 'asleep', session };
    const presence = await engine.presence(id);
    if (presence === 'gone') return { kind: 'lost' };
    if (state === 'waking') {
      // Parked now, it may have run before: its memory on disk is not to be used a second time.
      if (presence === 'parked') return { kind: 'lost' };
      try {
        const sandbox = await engine.finishWaking(id);
        return { kind: 'awake', session: this.awake(session), sandbox };
      } catch (error) {
        if (error instanceof BerthError && error.code === 'internal') return { kind: 'lost' };
        throw error;
      }
    }
    const isKept = (await vault.sizeOf(id)) !== undefined;
    if (state === 'hibernating' && presence === 'running' && !isKept) {
      await engine.goOn(id);
      const ready: Session = { ...session, state: 'ready', hibernation: undefined };
      await store.update(ready);
      return { kind: 'awake', session: ready, sandbox: await engine.finishWaking(id) };
    }
    if (!isKept) return { kind: 'lost' };
    await engine.park(id);
    const gone: Session = { ...session, state: 'hibernated' };
    await store.update(gone);
    return { kind: 'asleep', session: gone };
  }

  /** The session of one that was hibernated until now: that time does not count towards its life. */
  awake(session: Session): Session {
    const { hibernation, asleepMs = 0 } = session;
    const nowMs = this.#parts.clock.now();
    const lastedMs = hibernation === undefined ? 0 : nowMs - hibernation.sinceMs;
    return { ...session, hibernation: undefined, asleepMs: asleepMs + lastedMs, lastActivityAtMs: nowMs };
  }

  /** Its checkpoint is of no use any more. What cannot be removed now is swept. */
  async forget(id: SandboxId): Promise<void> {
    await this.#parts.vault.remove(id).catch(() => undefined);
  }

  /** Removes what no session needs; `isNeeded` is asked just before. */
  async sweep(isNeeded: (id: SandboxId) => boolean): Promise<void> {
    await this.#parts.vault.sweep(isNeeded);
  }

  /** Tells again of all whose time is over: nobody may have listened. */
  watchAll(): void {
    for (const { key, session } of this.#asleep.values()) this.#watch(key, session.hibernation?.untilMs ?? 0);
  }

  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#timers.values()) cancel();
  }

  #watch(key: string, untilMs: number): void {
    const { clock, onExpired } = this.#parts;
    // Otherwise the end of an earlier sleep would meet whatever the session is by then.
    this.#timers.get(key)?.();
    const leftMs = Math.max(0, untilMs - clock.now());
    const wakeUp = () => (leftMs > longestTimerMs ? this.#watch(key, untilMs) : onExpired(key));
    this.#timers.set(key, clock.after(Math.min(leftMs, longestTimerMs), wakeUp));
  }

  /** That its sandbox is gone is the end of it; that something else is missing may pass. */
  async #withProof(id: SandboxId, error: unknown): Promise<unknown> {
    if (!(error instanceof BerthError && error.code === 'not-found')) return error;
    const presence = await this.#parts.engine?.presence(id).catch(() => undefined);
    return presence === 'gone' ? new BerthError('internal', 'Its sandbox is gone.', { cause: error }) : error;
  }

  async #park(session: Session, id: SandboxId): Promise<void> {
    const { engine, events, clock } = this.#parts;
    await keepTrying(async () => engine?.park(id), {
      clock,
      isOver: () => this.#isClosed,
      onFailure: (error) => events.sessionWorkDelayed({ what: 'park sandbox', session, error }),
    });
  }
}

/** Why a session could not be brought back from disk. */
export class WakeFailure extends Error {
  override readonly name = 'WakeFailure';
  /** What its callers are told. */
  readonly reason: unknown;
  /** Its sandbox had begun to run. */
  readonly isCommitted: boolean;

  constructor(reason: unknown, isCommitted: boolean) {
    super('The session could not be woken.', { cause: reason });
    this.reason = reason;
    this.isCommitted = isCommitted;
  }
}
