import type { InvocationTarget, InvocationTargets } from '../runtimes/runtime.ts';
import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { SandboxLogArchive } from '../sandboxes/sandbox-log-archive.ts';
import { sleep } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { RuntimeId, SandboxId, Scope, SessionId } from '../shared/ids.ts';
import type { LiveSession } from './live-session.ts';
import { SandboxStarter, type SandboxStarterParts } from './sandbox-starter.ts';
import { operationInProgress } from './session-conflict.ts';
import { sessionKey } from './session-key.ts';
import type { SessionLease } from './session-lease.ts';
import { SessionLifecycle, type SessionLifecycleParts } from './session-lifecycle.ts';
import { recoverSessions } from './session-recovery.ts';
import { SessionUpkeep } from './session-upkeep.ts';
import type { SessionFilter } from './session-store.ts';
import type { Session, SessionEndReason } from './session.ts';
import { waitAtMost } from './wait-at-most.ts';

export interface SessionRegistryParts
  extends
    Omit<SandboxStarterParts, 'driver' | 'logs'>,
    Omit<SessionLifecycleParts, 'driver' | 'logs' | 'starter'> {
  readonly driver: SandboxDriver;
  readonly logs: Pick<SandboxLogArchive, 'begin' | 'end'>;
  readonly targets: InvocationTargets;
  /** Quota; a start beyond it is refused. */
  readonly activeSessions: number;
  /** Counts a new session against its rate; throws `throttled`. */
  readonly takeNewSession: (scope: Scope) => void;
  /** How long a call waits for another one's start or stop. */
  readonly waitLimitMs: number;
}

export interface SessionRequest {
  readonly scope: Scope;
  readonly runtimeId: RuntimeId;
  /** Name of the endpoint. */
  readonly qualifier: string;
  readonly sessionId: SessionId;
  /** No sandbox is started for it. */
  readonly mustBeLive?: boolean | undefined;
  /** The caller goes away; a start that it caused goes on. */
  readonly signal: AbortSignal;
}

const whyGoneWaitMs = 500;
const endAllLimitMs = 60_000;

/** Sessions: at most one live sandbox for each runtime and session id, whatever the concurrency. */
export class SessionRegistry implements AsyncDisposable {
  readonly #parts: SessionRegistryParts;
  readonly #lifecycle: SessionLifecycle;
  readonly #upkeep: SessionUpkeep;
  #isClosed = false;

  constructor(parts: SessionRegistryParts) {
    this.#parts = parts;
    this.#lifecycle = new SessionLifecycle({ ...parts, starter: new SandboxStarter(parts) });
    this.#upkeep = new SessionUpkeep({ ...parts, sandboxIds: this.#lifecycle.sandboxIds });
  }

  get liveCount(): number {
    return this.#lifecycle.live.size;
  }

  /** To be called once, before the first request: takes over what outlived the last server, removes what belongs to nobody. */
  async recover(): Promise<void> {
    await recoverSessions({ ...this.#parts, lifecycle: this.#lifecycle });
    await this.#upkeep.start();
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
      // Asked anew after each wait: the endpoint may have moved meanwhile.
      const target = await targets.find(scope, runtimeId, qualifier);
      signal.throwIfAborted();
      const known = this.#lifecycle.live.get(key);
      if (known === undefined && request.mustBeLive === true) throw notLive(sessionId);
      const live = known ?? (own = this.#begin(target, sessionId));
      if (live.state === 'ready') return this.#lease(live, live === own);
      const change = live.state === 'starting' ? live.started : (live.removal ?? live.ending);
      // Without either it has ended meanwhile.
      if (change === undefined) continue;
      const leftMs = live === own ? undefined : deadlineMs - clock.now();
      await waitAtMost(change, { clock, ms: leftMs, signal, tooLate: operationInProgress });
    }
  }

  /**
   * Ends a session and waits until its sandbox is gone. One that has already ended is left as it is. Rejects with `not-found`
   * for an id that this runtime never had, `retryable-conflict` when it takes too long.
   */
  async stop(request: Pick<SessionRequest, 'scope' | 'runtimeId' | 'sessionId' | 'signal'>): Promise<void> {
    const { clock, waitLimitMs } = this.#parts;
    const { scope, runtimeId, sessionId, signal } = request;
    const live = this.#lifecycle.live.get(sessionKey(runtimeId, sessionId));
    if (live === undefined) {
      if ((await this.find(scope, runtimeId, sessionId)) === undefined)
        throw unknownSession(runtimeId, sessionId);
      return;
    }
    if (live.session !== undefined && !isOfScope(live.session, scope))
      throw unknownSession(runtimeId, sessionId);
    await waitAtMost(this.#lifecycle.end(live, 'stopped'), {
      clock,
      ms: waitLimitMs,
      signal,
      tooLate: operationInProgress,
    });
  }

  /**
   * Ends every session of a runtime, or of one of its versions, because that is deleted. Rejects with `unavailable` when some
   * take too long; they go on ending.
   */
  async endAll(runtimeId: string, version?: number): Promise<void> {
    const { clock, stopGraceMs } = this.#parts;
    const doomed = [...this.#lifecycle.live.values()].filter(
      (live) =>
        live.version.runtimeId === runtimeId && (version === undefined || live.version.version === version),
    );
    const ends = Promise.all(doomed.map((live) => this.#lifecycle.end(live, 'runtime-deleted')));
    await waitAtMost(
      ends.then(() => undefined),
      {
        clock,
        ms: stopGraceMs + endAllLimitMs,
        signal: new AbortController().signal,
        tooLate: () =>
          new BerthError('unavailable', stillEnding(doomed.filter(({ state }) => state !== 'ended').length)),
      },
    );
  }

  /** Ends the session that a sandbox belongs to, if any. */
  async endSandbox(id: SandboxId, reason: SessionEndReason): Promise<void> {
    const live = [...this.#lifecycle.live.values()].find(({ sandboxId }) => sandboxId === id);
    if (live !== undefined) await this.#lifecycle.end(live, reason);
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
    await this.#upkeep[Symbol.asyncDispose]();
    await this.#lifecycle.close();
  }

  #begin(target: InvocationTarget, sessionId: SessionId): LiveSession {
    const { activeSessions, takeNewSession } = this.#parts;
    if (this.#isClosed) throw new BerthError('unavailable', 'The server is closing. Try again shortly.');
    if (this.liveCount >= activeSessions) {
      throw new BerthError(
        'quota-exceeded',
        `${activeSessions} sessions are live, which is the most this server allows. Stop some, or raise BERTH_MAX_SESSIONS.`,
      );
    }
    takeNewSession(target.runtime);
    return this.#lifecycle.begin(target, sessionId);
  }

  #lease(live: LiveSession, hasStartedSandbox: boolean): SessionLease {
    const { clock, driver } = this.#parts;
    const { session, sandbox } = live;
    if (session === undefined || sandbox === undefined) throw new Error('A ready session has no sandbox.');
    const { journal } = this.#lifecycle;
    live.enter();
    journal.note(live);
    let isHeld = true;
    return {
      session,
      version: live.version,
      sandboxId: sandbox.id,
      address: sandbox.address,
      hasStartedSandbox,
      exec: (spec, signal) => driver.exec(sandbox.id, spec, signal),
      onGone: (listener) => live.onGone(listener),
      whyGone: () => whyGone(live, sleep(clock, whyGoneWaitMs)),
      activity: () => {
        live.idle.active(clock.now());
        journal.note(live);
      },
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        live.leave(clock.now());
        if (live.state === 'ready') journal.note(live);
      },
    };
  }
}

function whyGone(live: LiveSession, limit: Promise<void>): Promise<BerthError | undefined> {
  return new Promise((resolve) => {
    const forget = live.onGone(resolve);
    void limit.then(() => {
      forget();
      resolve(undefined);
    });
  });
}

function stillEnding(count: number): string {
  return `${count} of its sessions have not ended yet: the sandbox engine does not remove their sandboxes. The server goes on trying; its log says why.`;
}

function isOfScope(session: Scope, scope: Scope): boolean {
  return session.accountId === scope.accountId && session.region === scope.region;
}

function notLive(sessionId: SessionId): BerthError {
  return new BerthError('not-found', `The session ${sessionId} is not live. Begin a new one.`);
}

function unknownSession(runtimeId: RuntimeId, sessionId: SessionId): BerthError {
  return new BerthError('not-found', `Agent runtime ${runtimeId} has no session ${sessionId}.`);
}
