import type { InvocationTarget, InvocationTargets } from '../runtimes/runtime.ts';
import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { SandboxLogArchive } from '../sandboxes/sandbox-log-archive.ts';
import { attemptAll } from '../shared/attempt-all.ts';
import { BerthError } from '../shared/errors.ts';
import type { RuntimeId, SandboxId, Scope, SessionId } from '../shared/ids.ts';
import { endSessionsOf } from './end-sessions-of.ts';
import type { LiveSession } from './live-session.ts';
import { LeftToSuccessor, SessionCustody, type SuccessorSessions } from './session-custody.ts';
import { SandboxStarter, type SandboxStarterParts } from './sandbox-starter.ts';
import { operationInProgress } from './session-conflict.ts';
import { notLive, unknownSession } from './session-refusals.ts';
import { sessionKey } from './session-key.ts';
import { leaseOf } from './lease-of.ts';
import type { SessionLease } from './session-lease.ts';
import type { SessionLifecycleParts } from './session-lifecycle-parts.ts';
import { SessionLifecycle } from './session-lifecycle.ts';
import { overviewOf, type SessionOverview } from './session-overview.ts';
import { recoverSessions } from './session-recovery.ts';
import { RetriedWork } from './retried-work.ts';
import type { AsleepSession } from './hibernation.ts';
import type { SessionStorages } from './session-storages.ts';
import { SessionsByAddress } from './sessions-by-address.ts';
import { sessionsWithStorage } from './sessions-with-storage.ts';
import { SessionUpkeep } from './session-upkeep.ts';
import type { SessionRequest } from './session-request.ts';
import type { SessionFilter } from './session-store.ts';
import type { Session, SessionEndReason } from './session.ts';
import type { PoolEvents } from './warm-pool/pool-events.ts';
import { WarmPool, type WarmPoolParts } from './warm-pool/warm-pool.ts';
import { waitAtMost } from './wait-at-most.ts';

export interface SessionRegistryParts
  extends
    Omit<SandboxStarterParts, 'driver' | 'logs'>,
    Omit<
      SessionLifecycleParts,
      'driver' | 'logs' | 'starter' | 'storages' | 'pool' | 'sandboxIds' | 'events'
    > {
  readonly events: SessionLifecycleParts['events'] & PoolEvents;
  /** Undefined: no sandbox is started ahead of time. */
  readonly warmPool?: Pick<WarmPoolParts, 'plans' | 'store'> & { readonly maxSandboxes: number };
  readonly driver: SandboxDriver;
  readonly logs: Pick<SandboxLogArchive, 'begin' | 'end'>;
  readonly targets: InvocationTargets;
  readonly storages: SessionStorages;
  /** Quota; a start beyond it is refused. */
  readonly activeSessions: number;
  /** Counts a new session against its rate; throws `throttled`. */
  readonly takeNewSession: (scope: Scope) => void;
  /** How long a call waits for another one's start or stop. */
  readonly waitLimitMs: number;
}

/** Sessions: at most one live sandbox for each runtime and session id, whatever the concurrency. */
export class SessionRegistry implements AsyncDisposable {
  readonly #parts: SessionRegistryParts;
  readonly #lifecycle: SessionLifecycle;
  /** For a handover to the next server. */
  readonly custody = new SessionCustody();
  /** Who calls from inside a sandbox. */
  readonly byAddress: SessionsByAddress;
  readonly #sandboxIds = new Set<SandboxId>();
  readonly #starter: SandboxStarter;
  #upkeep: SessionUpkeep;
  readonly #pool: WarmPool | undefined;
  readonly #resumption: RetriedWork;
  #isClosed = false;

  constructor(parts: SessionRegistryParts) {
    this.#parts = parts;
    this.#starter = new SandboxStarter(parts);
    this.#pool = this.#newPool();
    this.#lifecycle = new SessionLifecycle({
      ...parts,
      starter: this.#starter,
      pool: this.#pool,
      sandboxIds: this.#sandboxIds,
    });
    this.byAddress = new SessionsByAddress(this.#lifecycle.live);
    this.#upkeep = this.#newUpkeep();
    const onFailure = (error: unknown) =>
      parts.events.sessionWorkDelayed({ what: 'take sessions up again', session: undefined, error });
    this.#resumption = new RetriedWork({ ...parts, onFailure });
  }

  get pool(): Pick<WarmPool, 'view' | 'size'> | undefined {
    return this.#pool;
  }

  get frozenCount(): number {
    return [...this.#lifecycle.live.values()].filter(({ freezer }) => freezer?.isFrozen).length;
  }

  isFrozen({ runtimeId, id }: Pick<Session, 'runtimeId' | 'id'>): boolean {
    return this.#lifecycle.live.get(sessionKey(runtimeId, id))?.freezer?.isFrozen === true;
  }

  /** The live sessions as they are now, those of every account. */
  overview(): readonly SessionOverview[] {
    return [...this.#lifecycle.live.values()].map(overviewOf);
  }

  /** Those with a sandbox, or about to have one; not the hibernated ones. */
  get liveCount(): number {
    return this.#lifecycle.live.size;
  }

  get hibernatedCount(): number {
    return this.#lifecycle.sleep.asleep.size;
  }

  /** For a server that takes over from one that still decides: what needs a start or a stop waits for `takeCharge`. */
  standBy(): void {
    this.custody.pause();
    this.#lifecycle.standBy();
  }

  /**
   * To be called before the first request: takes over the sessions that outlived the last server, or that the one before is
   * about to leave.
   */
  async recover({ hasRebooted = false } = {}): Promise<void> {
    await recoverSessions({ ...this.#parts, lifecycle: this.#lifecycle, hasRebooted });
  }

  /**
   * After `recover`: this server decides. Takes over and fills the pools; removes what belongs to nobody, soon, and again and
   * again. Never rejects.
   */
  async takeCharge(): Promise<void> {
    await this.#lifecycle.resume();
    this.custody.resume();
    await this.#pool?.open();
    await this.#upkeep.start();
  }

  /** Comes to rest for a handover: calls go on, nothing starts or ends; resolves when that is so and all of it is on disk. */
  async pause(): Promise<void> {
    this.custody.pause();
    await this.#resumption.stop();
    await this.#upkeep[Symbol.asyncDispose]();
    // Starts first: they may still claim of the pool.
    await attemptAll(
      () => this.#lifecycle.pause(),
      () => this.#pool?.[Symbol.asyncDispose](),
    );
  }

  /**
   * After a handover that failed, also one that did not get as far as the end of `pause`. This server decides again as soon as it knows what
   * there is: a session that it did not know it would replace. Until then, which may be after this has resolved, starts and stops wait.
   */
  async resume(): Promise<void> {
    await this.#upkeep[Symbol.asyncDispose]();
    this.#upkeep = this.#newUpkeep();
    await this.#resumption.begin(
      () => this.recover(),
      () => this.takeCharge(),
    );
  }

  /** Another server decides from now on, and tells this one what happens to sessions. */
  give(successor: SuccessorSessions): void {
    this.#lifecycle.stopWatching();
    this.custody.give(successor);
  }

  /** Sandboxes with calls in flight, and how many. */
  callsInFlight(): readonly (readonly [SandboxId, number])[] {
    const live = [...this.#lifecycle.live.values()];
    return live.flatMap(({ sandboxId, inFlight }) => (inFlight > 0 ? [[sandboxId, inFlight] as const] : []));
  }

  /**
   * For a call that another process relays into a sandbox of this server: its session is not idle until `release`. Undefined
   * when there is no such sandbox.
   */
  hold(id: SandboxId): Pick<SessionLease, 'onGone' | 'release'> | undefined {
    const live = this.#ofSandbox(id);
    return live?.state === 'ready' ? this.#lease(live, false) : undefined;
  }

  /** Another server, which decides over it now, has ended a sandbox: calls into it are told why. */
  wasEnded(id: SandboxId, error: BerthError): void {
    this.#ofSandbox(id)?.gone(error);
  }

  /**
   * The session's sandbox, started if there is none. The first call fixes endpoint and version. Rejects with `not-found` or
   * `validation` for the target, `not-found` when it must be live and is not, `quota-exceeded`, `throttled`, `runtime-client-error` when the agent does not come up,
   * `retryable-conflict` when another start or stop takes too long, or the signal's reason.
   */
  async acquire(request: SessionRequest): Promise<SessionLease> {
    const { targets, clock, waitLimitMs } = this.#parts;
    const { scope, runtimeId, sessionId, qualifier, signal } = request;
    const key = sessionKey(runtimeId, sessionId);
    const deadlineMs = clock.now() + waitLimitMs;
    let own: LiveSession | undefined;
    for (;;) {
      const { successor } = this.custody;
      if (successor !== undefined) return successor.acquire(request);
      // Asked anew after each wait: the endpoint may have moved meanwhile.
      const target = await targets.find(scope, runtimeId, qualifier);
      signal.throwIfAborted();
      let known = this.#lifecycle.live.get(key);
      const isUsable =
        known?.state === 'ready' && known.goneError === undefined && known.freezer?.isAsleep !== true;
      if (!this.custody.isHeld && (!isUsable || this.custody.successor !== undefined)) {
        await this.custody.decided({ clock, ms: deadlineMs - clock.now(), signal });
        continue;
      }
      known ??= this.#wake(key);
      if (known === undefined && request.mustBeLive === true) throw notLive(sessionId);
      const live = known ?? (own = this.#begin(target, sessionId));
      const isFrozen = live.state === 'ready' && live.freezer?.isAsleep === true;
      if (live.state === 'ready' && !isFrozen) return this.#lease(live, live === own);
      if (isFrozen) live.idle.active(clock.now());
      const change = isFrozen ? live.freezer?.wake() : changeOf(live);
      // Without either it has ended meanwhile.
      if (change === undefined) continue;
      const leftMs = live === own ? undefined : deadlineMs - clock.now();
      await waitAtMost(change, { clock, ms: leftMs, signal, tooLate: operationInProgress }).catch(
        (error: unknown) => {
          if (!(error instanceof LeftToSuccessor)) throw error;
        },
      );
    }
  }

  /**
   * Ends a session and waits until its sandbox is gone. One that has already ended is left as it is. Rejects with `not-found`
   * for an id that this runtime never had, `retryable-conflict` when it takes too long.
   */
  async stop(request: Pick<SessionRequest, 'scope' | 'runtimeId' | 'sessionId' | 'signal'>): Promise<void> {
    const { clock, waitLimitMs } = this.#parts;
    const { scope, runtimeId, sessionId, signal } = request;
    await this.custody.decided({ clock, ms: waitLimitMs, signal });
    const patience = { clock, ms: waitLimitMs, signal, tooLate: operationInProgress };
    if (this.custody.successor !== undefined) return this.custody.successor.stop(request);
    const live = this.#lifecycle.live.get(sessionKey(runtimeId, sessionId));
    if (live === undefined) {
      const key = sessionKey(runtimeId, sessionId);
      const asleep = this.#lifecycle.sleep.asleep.get(key);
      if (asleep !== undefined && isOfScope(asleep.session, scope))
        return waitAtMost(this.#lifecycle.sleep.end(key, 'stopped'), patience);
      if ((await this.find(scope, runtimeId, sessionId)) === undefined)
        throw unknownSession(runtimeId, sessionId);
      return;
    }
    if (live.session !== undefined && !isOfScope(live.session, scope))
      throw unknownSession(runtimeId, sessionId);
    await waitAtMost(this.#lifecycle.end(live, 'stopped'), patience);
  }

  /**
   * Ends every session of a runtime, or of one of its versions, because that is deleted, and removes their storage. Rejects with `unavailable` when some
   * take too long; they go on ending.
   */
  endAll(runtimeId: RuntimeId, version?: number): Promise<void> {
    return endSessionsOf(runtimeId, version, {
      ...this.#parts,
      lifecycle: this.#lifecycle,
      pool: this.#pool,
    });
  }

  /** Ends the sandboxes that no session has yet, and keeps none from then on. Rejects with `unavailable` when another server decides over them. */
  async closePools(): Promise<void> {
    await this.custody.decided({ clock: this.#parts.clock, ms: this.#parts.waitLimitMs });
    if (this.custody.successor !== undefined)
      throw new BerthError(
        'unavailable',
        'Another server has taken over from this one. Ask again, on a new connection.',
      );
    await this.#pool?.close();
  }

  /** Ends up to `count` sandboxes that no session has yet; resolves to how many, when they are gone. */
  async giveUpPooled(count: number): Promise<number> {
    return this.custody.isHeld ? ((await this.#pool?.giveUp(count)) ?? 0) : 0;
  }

  /** The endpoint that a session began on, while it is live or hibernated here. */
  endpointOf(runtimeId: RuntimeId, sessionId: SessionId): string | undefined {
    const key = sessionKey(runtimeId, sessionId);
    const { live, sleep } = this.#lifecycle;
    return (live.get(key) ?? sleep.asleep.get(key))?.session?.endpoint;
  }

  /** Ends the session that a sandbox belongs to, if any. */
  async endSandbox(id: SandboxId, reason: SessionEndReason): Promise<void> {
    if (!this.custody.isHeld) return;
    const live = this.#ofSandbox(id);
    if (live !== undefined) await this.#lifecycle.end(live, reason);
    const asleep = [...this.#lifecycle.sleep.asleep.values()].find(({ session }) => session.sandboxId === id);
    if (asleep !== undefined) await this.#lifecycle.sleep.end(asleep.key, reason);
  }

  /** Gives up the session that is hibernated for the longest, for room on the host's disk. False when there is none. */
  async endOldestHibernated(): Promise<boolean> {
    if (!this.custody.isHeld) return false;
    // In the order in which they were hibernated.
    const since = ({ session }: AsleepSession) => session.hibernation?.sinceMs ?? 0;
    const [oldest] = [...this.#lifecycle.sleep.asleep.values()].toSorted((a, b) => since(a) - since(b));
    if (oldest !== undefined) await this.#lifecycle.sleep.end(oldest.key, 'disk-pressure');
    return oldest !== undefined;
  }

  /** As last written, live or ended; activity may be a second old. */
  async find(scope: Scope, runtimeId: RuntimeId, sessionId: SessionId): Promise<Session | undefined> {
    const session = await this.#parts.store.find(runtimeId, sessionId);
    return session !== undefined && isOfScope(session, scope) ? session : undefined;
  }

  list(scope: Scope, filter: SessionFilter): Promise<readonly Session[]> {
    return this.#parts.store.list(scope, filter);
  }

  /** Sandboxes go on running; starts are broken off. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#resumption.stop();
    await this.#upkeep[Symbol.asyncDispose]();
    await this.#pool?.[Symbol.asyncDispose]();
    await this.#lifecycle.close();
  }

  #newUpkeep(): SessionUpkeep {
    const lifecycle = this.#lifecycle;
    return new SessionUpkeep({
      ...this.#parts,
      sandboxIds: this.#sandboxIds,
      withStorage: () => sessionsWithStorage(lifecycle),
      sweepCheckpoints: () => lifecycle.sleep.sweep(),
    });
  }

  #newPool(): WarmPool | undefined {
    const { warmPool, activeSessions } = this.#parts;
    if (warmPool === undefined) return undefined;
    return new WarmPool({
      ...this.#parts,
      ...warmPool,
      starter: this.#starter,
      sandboxIds: this.#sandboxIds,
      // Pooled sandboxes do not count as sessions, but they take no session's place.
      mayHave: () => Math.min(warmPool.maxSandboxes, activeSessions - this.liveCount),
    });
  }

  #ofSandbox(id: SandboxId): LiveSession | undefined {
    return [...this.#lifecycle.live.values()].find(({ sandboxId }) => sandboxId === id);
  }

  #begin(target: InvocationTarget, sessionId: SessionId): LiveSession {
    const { takeNewSession } = this.#parts;
    this.#requireRoom();
    takeNewSession(target.runtime);
    return this.#lifecycle.begin(target, sessionId);
  }

  #wake(key: string): LiveSession | undefined {
    if (!this.#lifecycle.sleep.asleep.has(key)) return undefined;
    this.#requireRoom();
    return this.#lifecycle.sleep.wake(key);
  }

  #requireRoom(): void {
    const { activeSessions } = this.#parts;
    if (this.#isClosed) throw new BerthError('unavailable', 'The server is closing. Try again shortly.');
    if (this.liveCount < activeSessions) return;
    throw new BerthError(
      'quota-exceeded',
      `${activeSessions} sessions are live, which is the most this server allows. Stop some, or raise BERTH_MAX_SESSIONS.`,
    );
  }

  #lease(live: LiveSession, hasStartedSandbox: boolean): SessionLease {
    const { clock, driver } = this.#parts;
    const { journal } = this.#lifecycle;
    return leaseOf(live, { hasStartedSandbox, custody: this.custody, journal, clock, driver });
  }
}

/** What a call waits for that finds a session which is not ready; undefined when it has ended. */
function changeOf(live: LiveSession): Promise<void> | undefined {
  if (live.state === 'starting') return live.started;
  return live.state === 'hibernating' ? live.resting : (live.removal ?? live.ending);
}

function isOfScope(session: Scope, scope: Scope): boolean {
  return session.accountId === scope.accountId && session.region === scope.region;
}
